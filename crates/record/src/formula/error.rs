//! What can be wrong with a formula.

/// The kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormulaProblem {
    /// It is no expression of CEL.
    Syntax,
    /// It is too long or has too many parts.
    TooLong,
    /// The object has no such field.
    UnknownField,
    /// The field's type cannot be calculated with.
    FieldType,
    /// There is no such function, or not with so many arguments.
    UnknownFunction,
    /// CEL has it, formulas do not: loops, maps, selection.
    NotAllowed,
    /// The types do not go together.
    Types,
    /// The result does not fit the type of the field.
    ResultType,
    /// The formula uses its own field, by whatever way.
    Circle,
    /// It depends on the time, and so can be neither filtered, sorted, searched nor unique.
    TimedFilter,
}

impl FormulaProblem {
    /// The stable code, key of the translated message.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Syntax => "formula-syntax",
            Self::TooLong => "formula-too-long",
            Self::UnknownField => "formula-unknown-field",
            Self::FieldType => "formula-field-type",
            Self::UnknownFunction => "formula-unknown-function",
            Self::NotAllowed => "formula-not-allowed",
            Self::Types => "formula-types",
            Self::ResultType => "formula-result-type",
            Self::Circle => "formula-circle",
            Self::TimedFilter => "formula-timed-filter",
        }
    }
}

/// A formula that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the formula of {object}.{field}: {} at {at}", .problem.code())]
pub struct FormulaError {
    /// The object; empty when it is not known yet.
    pub object: String,
    /// The field; empty when it is not known yet.
    pub field: String,
    /// The kind of fault.
    pub problem: FormulaProblem,
    /// What is at fault: a word of the formula, a type, or what the parser says.
    pub at: String,
}

impl FormulaError {
    pub(crate) fn new(problem: FormulaProblem, at: &str) -> Self {
        Self {
            object: String::new(),
            field: String::new(),
            problem,
            at: at.chars().take(120).collect(),
        }
    }

    pub(crate) fn of(mut self, object: &str, field: &str) -> Self {
        object.clone_into(&mut self.object);
        field.clone_into(&mut self.field);
        self
    }
}
