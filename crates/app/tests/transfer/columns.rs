//! What a column says as a whole: how its numbers and days are written, and what its amounts are in.

use peyvand_app::transfer::import::{ImportRequest, TransferError};
use peyvand_record::Value;
use peyvand_testkit::{TestDb, db_test};

use crate::world::{Place, count, into, place};

/// Minor units and currency of each amount, in the order of the file; `-` where a record has none.
async fn amounts(p: &Place, object: &str, field: &str) -> Vec<String> {
    let all = p.all(object).await;
    let told = all.iter().map(|r| match p.get(r, field) {
        Value::Money(m) => format!("{} {}", m.minor, m.currency),
        _ => "-".to_owned(),
    });
    told.collect()
}

#[db_test]
async fn numbers_are_read_as_their_column_writes_them(db: TestDb) {
    let p = place(&db).await;
    let text = "Name;Annual revenue;Currency\nA;1.234,56;EUR\nB;10.000;EUR\nC;75,5;USD\nD;2.500;GBP\n";
    let (report, notes) = p
        .import(&p.file("comma.csv", text), &into("companies"))
        .await
        .unwrap();
    assert_eq!(count(&report, "company.created"), 4, "{notes:?}");
    assert_eq!(
        amounts(&p, "company", "annual_revenue").await,
        ["123456 EUR", "1000000 EUR", "7550 USD", "250000 GBP"]
    );
    // A number with a point far below keeps it.
    let mut text = "Name;Annual revenue;Currency\n".to_owned();
    for i in 0..5_100 {
        text.push_str(&format!("X{i};75,5;EUR\n"));
    }
    text.push_str("Last;10.50;EUR\n");
    p.import(&p.file("long.csv", &text), &into("companies"))
        .await
        .unwrap();
    assert_eq!(
        amounts(&p, "company", "annual_revenue").await[5_103..],
        ["7550 EUR", "1050 EUR"]
    );
    // Control: a column that has a point somewhere is read value by value.
    let text = "Name,Annual revenue,Currency\nE,\"1,234.56\",EUR\nF,10.50,EUR\n";
    p.import(&p.file("point.csv", text), &into("companies"))
        .await
        .unwrap();
    assert_eq!(
        amounts(&p, "company", "annual_revenue").await[5_105..],
        ["123456 EUR", "1050 EUR"]
    );
}

#[db_test]
async fn a_day_that_is_none_does_not_hide_how_the_others_are_written(db: TestDb) {
    let p = place(&db).await;
    let text = "Name,Birth date\nA,31/12/1986\nB,05/01/1987\nC,29/02/1987\nD,01/02/1986\n";
    let (report, notes) = p
        .import(&p.file("days.csv", text), &into("contacts"))
        .await
        .unwrap();
    assert_eq!(
        (
            count(&report, "contact.created"),
            count(&report, "contact.failed")
        ),
        (3, 1),
        "{notes:?}"
    );
    let days: Vec<Value> = p
        .all("contact")
        .await
        .iter()
        .map(|r| p.get(r, "birth_date").clone())
        .collect();
    // Days since 1970-01-01 of 1986-12-31, 1987-01-05 and 1986-02-01.
    assert_eq!(days, [Value::Date(6_208), Value::Date(6_213), Value::Date(5_875)]);
}

#[db_test]
async fn a_file_of_which_nothing_goes_anywhere_is_not_written(db: TestDb) {
    let p = place(&db).await;
    let file = p.file("orders.csv", "Qqq,Www\n1,2\n3,4\n");
    for dry_run in [true, false] {
        let request = ImportRequest {
            dry_run,
            ..into("orders")
        };
        let refused = p.import(&file, &request).await.unwrap_err();
        assert!(
            matches!(&refused, TransferError::Mapping(_)) && refused.code() == "mapping-no-columns",
            "{refused:?}"
        );
    }
    assert!(p.all("order").await.is_empty());
}
