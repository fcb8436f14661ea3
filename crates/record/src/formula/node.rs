//! The parts of a formula, from the syntax tree of CEL.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::parser::Parser;
use peyvand_numbers::Decimal;

use super::error::{FormulaError, FormulaProblem as Problem};
use super::{LONGEST, MOST_PARTS};

/// Deepest nesting that is read.
const DEEPEST: u16 = 40;

/// An operation on two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
    In,
}

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    /// The first of its arguments that has a value.
    Coalesce,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Without the sign.
    Abs,
    /// To the nearest, a tie to the even digit; with places after the point.
    Round,
    /// Down to a whole number.
    Floor,
    /// Up to a whole number.
    Ceil,
    /// The characters of a text, the entries of a list.
    Size,
    /// A text holds another.
    Contains,
    /// A text begins with another.
    StartsWith,
    /// A text ends with another.
    EndsWith,
    /// A number of main units as an amount: `money(12.5, "EUR")`.
    Money,
    /// The main units of an amount.
    Amount,
    /// The currency of an amount.
    Currency,
}

impl Function {
    fn named(name: &str, arguments: usize) -> Option<Self> {
        let (function, most, least) = match name {
            "coalesce" => (Self::Coalesce, 10, 1),
            "min" => (Self::Min, 10, 1),
            "max" => (Self::Max, 10, 1),
            "abs" => (Self::Abs, 1, 1),
            "round" => (Self::Round, 2, 1),
            "floor" => (Self::Floor, 1, 1),
            "ceil" => (Self::Ceil, 1, 1),
            "size" => (Self::Size, 1, 1),
            "contains" => (Self::Contains, 2, 2),
            "startsWith" => (Self::StartsWith, 2, 2),
            "endsWith" => (Self::EndsWith, 2, 2),
            "money" => (Self::Money, 2, 2),
            "amount" => (Self::Amount, 1, 1),
            "currency" => (Self::Currency, 1, 1),
            _ => return None,
        };
        (least..=most).contains(&arguments).then_some(function)
    }
}

/// A part of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Number(Decimal),
    Text(String),
    Bool(bool),
    Field(String),
    Today,
    Now,
    List(Vec<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Binary, Box<Node>, Box<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
}

impl Node {
    /// Visits every part.
    pub(super) fn walk<'n>(&'n self, visit: &mut impl FnMut(&'n Self)) {
        visit(self);
        match self {
            Self::List(list) | Self::Call(_, list) => list.iter().for_each(|n| n.walk(visit)),
            Self::Not(a) | Self::Negate(a) => a.walk(visit),
            Self::Binary(_, a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            Self::If(a, b, c) => {
                a.walk(visit);
                b.walk(visit);
                c.walk(visit);
            }
            _ => {}
        }
    }
}

/// Reads the text of a formula.
pub(super) fn parse(text: &str) -> Result<Node, FormulaError> {
    if text.chars().count() > LONGEST {
        return Err(FormulaError::new(Problem::TooLong, &LONGEST.to_string()));
    }
    if nested(text) > usize::from(DEEPEST) {
        return Err(FormulaError::new(Problem::TooLong, "("));
    }
    let tree = Parser::new()
        .max_recursion_depth(DEEPEST * 2)
        .error_recovery_limit(1)
        .parse(text)
        .map_err(|e| {
            let first = e.to_string();
            let line = first.lines().next().unwrap_or_default();
            FormulaError::new(Problem::Syntax, line)
        })?;
    let mut left = MOST_PARTS;
    node(&tree, &mut left)
}

/// How deep brackets and chains of signs go, looked at before the text is parsed.
fn nested(text: &str) -> usize {
    let (mut depth, mut most, mut signs) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' | '?' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        signs = if matches!(c, '!' | '-') { signs + 1 } else { 0 };
        most = most.max(depth + signs);
    }
    most
}

fn node(e: &IdedExpr, left: &mut usize) -> Result<Node, FormulaError> {
    *left = left
        .checked_sub(1)
        .ok_or_else(|| FormulaError::new(Problem::TooLong, &MOST_PARTS.to_string()))?;
    let refused = |what: &str| Err(FormulaError::new(Problem::NotAllowed, what));
    match &e.expr {
        Expr::Literal(literal) => match literal {
            LiteralValue::Null => Ok(Node::Null),
            LiteralValue::Boolean(b) => Ok(Node::Bool(*b.inner())),
            LiteralValue::Int(i) => Ok(Node::Number(Decimal::from_int(i128::from(*i.inner())))),
            LiteralValue::UInt(u) => Ok(Node::Number(Decimal::from_int(i128::from(*u.inner())))),
            // The shortest text that means this double is what was typed, up to 15 digits.
            LiteralValue::Double(d) => Decimal::parse(&d.inner().to_string())
                .map(Node::Number)
                .map_err(|_| FormulaError::new(Problem::Syntax, &d.inner().to_string())),
            LiteralValue::String(s) => Ok(Node::Text(s.inner().to_owned())),
            LiteralValue::Bytes(_) => refused("b\"\""),
        },
        Expr::Ident(name) => Ok(Node::Field(name.clone())),
        Expr::List(list) => Ok(Node::List(all(&list.elements, left)?)),
        Expr::Call(call) => called(call, left),
        Expr::Comprehension(_) => refused("all, exists, map, filter"),
        Expr::Select(s) => refused(&format!(".{}", s.field)),
        Expr::Map(_) | Expr::Struct(_) => refused("{}"),
        Expr::Unspecified => refused("?"),
    }
}

fn all(list: &[IdedExpr], left: &mut usize) -> Result<Vec<Node>, FormulaError> {
    list.iter().map(|e| node(e, left)).collect()
}

fn called(call: &CallExpr, left: &mut usize) -> Result<Node, FormulaError> {
    let name = call.func_name.as_str();
    let unknown = || FormulaError::new(Problem::UnknownFunction, name);
    let mut arguments = Vec::with_capacity(call.args.len() + 1);
    // `name.startsWith("x")` is `startsWith(name, "x")`.
    if let Some(target) = &call.target {
        arguments.push(node(target, left)?);
    }
    arguments.extend(all(&call.args, left)?);
    let binary = match name {
        operators::ADD => Some(Binary::Add),
        operators::SUBSTRACT => Some(Binary::Sub),
        operators::MULTIPLY => Some(Binary::Mul),
        operators::DIVIDE => Some(Binary::Div),
        operators::MODULO => Some(Binary::Rem),
        operators::EQUALS => Some(Binary::Eq),
        operators::NOT_EQUALS => Some(Binary::Ne),
        operators::LESS => Some(Binary::Lt),
        operators::LESS_EQUALS => Some(Binary::Le),
        operators::GREATER => Some(Binary::Gt),
        operators::GREATER_EQUALS => Some(Binary::Ge),
        operators::LOGICAL_AND => Some(Binary::And),
        operators::LOGICAL_OR => Some(Binary::Or),
        operators::IN => Some(Binary::In),
        _ => None,
    };
    let mut given = arguments.into_iter();
    let mut next = || given.next().map(Box::new).ok_or_else(unknown);
    if let Some(binary) = binary {
        return match (binary, call.args.len()) {
            // The parser joins long chains of the same word into one call.
            (_, 2) => Ok(Node::Binary(binary, next()?, next()?)),
            (Binary::And | Binary::Or, _) => {
                let mut joined = *next()?;
                while let Ok(more) = next() {
                    joined = Node::Binary(binary, Box::new(joined), more);
                }
                Ok(joined)
            }
            _ => Err(unknown()),
        };
    }
    match name {
        operators::LOGICAL_NOT => Ok(Node::Not(next()?)),
        operators::NEGATE => Ok(Node::Negate(next()?)),
        operators::CONDITIONAL => Ok(Node::If(next()?, next()?, next()?)),
        "today" if call.args.is_empty() && call.target.is_none() => Ok(Node::Today),
        "now" if call.args.is_empty() && call.target.is_none() => Ok(Node::Now),
        _ => {
            let arguments: Vec<Node> = given.collect();
            let function = Function::named(name, arguments.len()).ok_or_else(unknown)?;
            Ok(Node::Call(function, arguments))
        }
    }
}
