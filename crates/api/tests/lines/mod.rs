//! Lines of orders and deals: what a line comes to, and what the order or the deal becomes with it.

use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};

use crate::world::World;

fn irr(n: i64) -> Value {
    json!({"amount": n.to_string(), "currency": "IRR"})
}

/// Subtotal, discount, tax and total of an order, in minor units; `-` where there is none.
async fn sums(w: &World, id: &str) -> [String; 4] {
    let a = w.call("GET", &format!("/orders/{id}"), &[], b"").await;
    ["subtotal", "discount", "tax", "total"].map(|f| a.json[f]["amount"].as_str().unwrap_or("-").to_owned())
}

#[db_test]
async fn an_order_follows_its_lines(db: TestDb) {
    let w = World::on(db).await;
    let order = w
        .make(
            "orders",
            &json!({"number": "1", "total": irr(7), "subtotal": irr(7)}),
        )
        .await;
    assert_eq!(
        sums(&w, &order).await,
        ["7", "-", "-", "7"],
        "typed, without lines"
    );

    // 2.5 × 1000.33 = 2500.825, rounded to 2501.
    let a = w
        .send(
            "POST",
            "/order-lines",
            &json!({"order_id": order, "quantity": "2.5", "unit_price": "1000.33", "currency": "IRR"}),
        )
        .await;
    assert_eq!(a.status, 201, "{}", a.json);
    assert_eq!(a.json["total"], irr(2501), "{}", a.json);
    assert_eq!(sums(&w, &order).await, ["2501", "0", "0", "2501"]);

    // 3 × 1000 − 200 + 280 = 3080; the currency is the order's.
    let second = w.send("POST", "/order-lines", &json!({"order_id": order, "quantity": "3", "unit_price": "1000", "discount": irr(200), "tax": irr(280)}))
    .await;
    assert_eq!(second.json["total"], irr(3080), "{}", second.json);
    assert_eq!(second.json["currency"], "IRR");
    let second = second.json["id"].as_str().expect("an id").to_owned();
    assert_eq!(sums(&w, &order).await, ["5501", "200", "280", "5581"]);

    // A discount of the whole order stands beside those of its lines, and a typed total gives way.
    let a = w
        .send(
            "PATCH",
            &format!("/orders/{order}"),
            &json!({"discount": irr(281), "total": irr(1)}),
        )
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    assert_eq!(sums(&w, &order).await, ["5501", "281", "280", "5500"]);

    let a = w
        .send(
            "PATCH",
            &format!("/order-lines/{second}"),
            &json!({"quantity": "4", "discount": null}),
        )
        .await;
    assert_eq!(a.json["total"], irr(4280), "{}", a.json);
    assert_eq!(sums(&w, &order).await, ["6501", "81", "280", "6700"]);

    let a = w
        .call("DELETE", &format!("/order-lines/{second}"), &[], b"")
        .await;
    assert_eq!(a.status, 204, "{}", a.json);
    assert_eq!(sums(&w, &order).await, ["2501", "81", "0", "2420"]);
    let a = w
        .send("POST", &format!("/order-lines/{second}/restore"), &json!({}))
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    assert_eq!(sums(&w, &order).await, ["6501", "81", "280", "6700"]);

    // Several at once, in one transaction and one by one.
    for atomic in ["true", "false"] {
        let items = json!({"items": [
            {"order_id": order, "quantity": "1", "unit_price": "10"},
            {"order_id": order, "quantity": "1", "unit_price": "20"},
        ]});
        let a = w
            .send("POST", &format!("/order-lines/batch?atomic={atomic}"), &items)
            .await;
        assert_eq!(a.status, 200, "{}", a.json);
    }
    assert_eq!(sums(&w, &order).await, ["6561", "81", "280", "6760"]);

    // A line that goes to another order leaves this one.
    let other = w.make("orders", &json!({"number": "2"})).await;
    let a = w
        .send(
            "PATCH",
            &format!("/order-lines/{second}"),
            &json!({"order_id": other}),
        )
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    assert_eq!(sums(&w, &order).await, ["2561", "81", "0", "2480"]);
    assert_eq!(sums(&w, &other).await, ["4000", "0", "280", "4280"]);
}

#[db_test]
async fn lines_written_at_once_are_all_counted(db: TestDb) {
    let w = World::on(db).await;
    let order = w.make("orders", &json!({"number": "1"})).await;
    let tasks: Vec<_> = (1..=12)
        .map(|n| {
            let (w, order) = (w.clone(), order.clone());
            tokio::spawn(async move {
                w.make(
                    "order-lines",
                    &json!({"order_id": order, "quantity": "1", "unit_price": n.to_string()}),
                )
                .await
            })
        })
        .collect();
    for t in tasks {
        t.await.expect("a line");
    }
    assert_eq!(sums(&w, &order).await, ["78", "0", "0", "78"]);
}

#[db_test]
async fn a_line_is_refused_for_what_cannot_be(db: TestDb) {
    let w = World::on(db).await;
    let order = w.make("orders", &json!({"number": "1"})).await;
    let line = |more: Value| {
        let mut body = json!({"order_id": order, "quantity": "2", "unit_price": "100"});
        for (k, v) in more.as_object().expect("fields") {
            body[k] = v.clone();
        }
        body
    };
    w.make("order-lines", &line(json!({"currency": "IRR"}))).await;
    for (more, said) in [
        (json!({"currency": "EUR"}), "422 currency other-currency"),
        (json!({"currency": "XQX"}), "422 currency unknown-currency"),
        (
            json!({"discount": {"amount": "1", "currency": "EUR"}}),
            "422 discount other-currency",
        ),
        (json!({"discount": irr(201)}), "422 discount discount-too-large"),
        (json!({"discount": irr(-1)}), "422 discount discount-too-large"),
        (json!({"quantity": "-1"}), "422 quantity negative-quantity"),
    ] {
        let a = w.send("POST", "/order-lines", &line(more)).await;
        assert_eq!(a.fault(), said, "{}", a.json);
    }
    assert_eq!(sums(&w, &order).await, ["200", "0", "0", "200"]);
    let back = w
        .make("orders", &json!({"number": "1-R", "kind": "return"}))
        .await;
    let a = w
        .send(
            "POST",
            "/order-lines",
            &json!({"order_id": back, "quantity": "-1", "unit_price": "100", "discount": irr(-10)}),
        )
        .await;
    assert_eq!(a.json["total"], irr(-90), "{}", a.json);
    assert_eq!(sums(&w, &back).await, ["-100", "-10", "0", "-90"]);
}

#[db_test]
async fn a_price_that_is_not_said_is_that_of_the_list_or_the_product(db: TestDb) {
    let w = World::on(db).await;
    let product = w
        .make("products", &json!({"name": "Tea", "price": irr(500)}))
        .await;
    let list = w
        .make("price-lists", &json!({"name": "Wholesale", "currency": "IRR"}))
        .await;
    for (from, price) in [("0", "450"), ("10", "400.5")] {
        w.make(
            "price-list-items",
            &json!({"price_list_id": list, "product_id": product, "unit_price": price, "min_quantity": from}),
        )
        .await;
    }
    let plain = w.make("orders", &json!({"number": "1"})).await;
    let listed = w
        .make("orders", &json!({"number": "2", "price_list_id": list}))
        .await;
    for (order, quantity, said, total) in [
        (&plain, "10", None, 5000),
        (&listed, "9", None, 4050),
        (&listed, "10", None, 4005),
        (&listed, "10", Some("1"), 10),
    ] {
        let mut body = json!({"order_id": order, "product_id": product, "quantity": quantity});
        if let Some(price) = said {
            body["unit_price"] = json!(price);
        }
        let a = w.send("POST", "/order-lines", &body).await;
        assert_eq!(a.json["total"], irr(total), "{}", a.json);
    }
}

#[db_test]
async fn a_deal_is_worth_its_lines(db: TestDb) {
    let w = World::on(db).await;
    let deal = w.make("deals", &json!({"name": "d", "amount": irr(5)})).await;
    let worth = async || {
        let a = w.call("GET", &format!("/deals/{deal}"), &[], b"").await;
        a.json["amount"]["amount"].as_str().unwrap_or("-").to_owned()
    };
    assert_eq!(worth().await, "5");
    let line = w
        .make(
            "deal-lines",
            &json!({"deal_id": deal, "quantity": "2", "unit_price": "1000000", "discount": irr(50)}),
        )
        .await;
    assert_eq!(worth().await, "1999950");
    w.send(
        "PATCH",
        &format!("/deals/{deal}"),
        &json!({"amount": irr(5), "name": "e"}),
    )
    .await;
    assert_eq!(worth().await, "1999950", "the lines say what it is worth");
    w.call("DELETE", &format!("/deal-lines/{line}"), &[], b"").await;
    w.send("PATCH", &format!("/deals/{deal}"), &json!({"amount": irr(6)}))
        .await;
    assert_eq!(worth().await, "6", "typed, without lines");
}

/// What goes back belongs to a return: an order does not cease to be one while such lines stand in it.
#[db_test]
async fn an_order_with_lines_that_go_back_becomes_no_sale(db: TestDb) {
    let w = World::on(db).await;
    let order = w
        .make("orders", &json!({"number": "1-R", "kind": "return"}))
        .await;
    let line = w
        .make(
            "order-lines",
            &json!({"order_id": order, "quantity": "-1", "unit_price": "100", "currency": "IRR"}),
        )
        .await;
    let path = format!("/orders/{order}");
    let sale = json!({"kind": "sale"});
    let a = w.send("PATCH", &path, &sale).await;
    assert_eq!(a.fault(), "422 quantity negative-quantity", "{}", a.json);
    // A cancellation goes back as well, and other fields of the order may change.
    for body in [json!({"kind": "cancellation"}), json!({"description": "damaged"})] {
        assert_eq!(w.send("PATCH", &path, &body).await.status, 200);
    }
    let a = w.send("PATCH", &path, &sale).await;
    assert_eq!(a.fault(), "422 quantity negative-quantity", "{}", a.json);
    let a = w
        .send(
            "PATCH",
            &format!("/order-lines/{line}"),
            &json!({"quantity": "1"}),
        )
        .await;
    assert_eq!(a.status, 200, "{}", a.json);
    assert_eq!(w.send("PATCH", &path, &sale).await.status, 200);
}
