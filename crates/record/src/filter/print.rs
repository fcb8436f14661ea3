//! From the syntax of a filter back to its text: what [`super::parse`] makes of the text is the same syntax.

use super::syntax::{Expr, Literal, LiteralKind, Path, Syntax};

/// The text of a filter, with AND, OR and NOT in English and texts in `"…"`.
#[must_use]
pub fn print(syntax: &Syntax) -> String {
    let mut out = String::new();
    if let Some(root) = &syntax.root {
        expr(&mut out, root);
    }
    out
}

fn expr(out: &mut String, e: &Expr) {
    match e {
        Expr::And(list) => joined(out, list, " AND "),
        Expr::Or(list) => joined(out, list, " OR "),
        Expr::Not(inner) => {
            out.push_str("NOT ");
            operand(out, inner);
        }
        Expr::Compare { path, op, value } => {
            names(out, path);
            out.push(' ');
            out.push_str(op.symbol());
            out.push(' ');
            literal(out, value);
        }
        Expr::In { path, values } => {
            names(out, path);
            out.push_str(" in ");
            if let [
                Literal {
                    kind: LiteralKind::Call { .. },
                    ..
                },
            ] = values.as_slice()
            {
                literals(out, values);
            } else {
                out.push('(');
                literals(out, values);
                out.push(')');
            }
        }
        Expr::Any { path, inner } => {
            names(out, path);
            out.push_str(".any(");
            if let Some(inner) = inner {
                expr(out, inner);
            }
            out.push(')');
        }
        Expr::Count {
            path,
            inner,
            op,
            value,
        } => {
            names(out, path);
            out.push_str(".count(");
            if let Some(inner) = inner {
                expr(out, inner);
            }
            out.push_str(") ");
            out.push_str(op.symbol());
            out.push(' ');
            literal(out, value);
        }
        Expr::Sum {
            path,
            field,
            inner,
            op,
            value,
        } => {
            names(out, path);
            out.push_str(".sum(");
            out.push_str(&field.text);
            if let Some(inner) = inner {
                out.push_str(", ");
                expr(out, inner);
            }
            out.push_str(") ");
            out.push_str(op.symbol());
            out.push(' ');
            literal(out, value);
        }
        Expr::Call { name, args } => {
            out.push_str(&name.text);
            out.push('(');
            literals(out, args);
            out.push(')');
        }
    }
}

fn joined(out: &mut String, list: &[Expr], joint: &str) {
    for (i, e) in list.iter().enumerate() {
        if i > 0 {
            out.push_str(joint);
        }
        operand(out, e);
    }
}

/// A condition beside others: what is joined stands in brackets.
fn operand(out: &mut String, e: &Expr) {
    if matches!(e, Expr::And(_) | Expr::Or(_)) {
        out.push('(');
        expr(out, e);
        out.push(')');
    } else {
        expr(out, e);
    }
}

fn names(out: &mut String, path: &Path) {
    for (i, name) in path.0.iter().enumerate() {
        if i > 0 {
            out.push('.');
        }
        out.push_str(&name.text);
    }
}

fn literals(out: &mut String, list: &[Literal]) {
    for (i, l) in list.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        literal(out, l);
    }
}

fn literal(out: &mut String, l: &Literal) {
    match &l.kind {
        LiteralKind::Null => out.push_str("null"),
        LiteralKind::Quoted(text) => {
            out.push('"');
            for c in text.chars() {
                if matches!(c, '"' | '\\') {
                    out.push('\\');
                }
                out.push(c);
            }
            out.push('"');
        }
        LiteralKind::Word(word) => out.push_str(word),
        LiteralKind::Amount { number, currency } => {
            out.push_str(number);
            out.push(' ');
            out.push_str(currency);
        }
        LiteralKind::Call { name, args } => {
            out.push_str(name);
            out.push('(');
            literals(out, args);
            out.push(')');
        }
    }
}
