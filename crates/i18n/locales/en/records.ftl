# Records: formulas, amounts, repeated requests, likely duplicates

error-formula-syntax = The formula of { $field } cannot be read: { $at }
error-formula-too-long = The formula of { $field } is too long or too deep ({ $at }).
error-formula-unknown-field = The formula of { $field } uses the field { $at }, which is not there.
error-formula-field-type = The formula of { $field } cannot calculate with { $at }: values of this type are not for formulas.
error-formula-unknown-function = The formula of { $field } uses { $at }: there is no such function, or not with so many values.
error-formula-not-allowed = The formula of { $field } uses { $at }, which formulas do not have.
error-formula-types = The formula of { $field } puts things together that do not go together: { $at }
error-formula-result-type = The formula of { $field } gives { $at }, which does not fit the type of the field.
error-formula-circle = The formula of { $field } leads back to { $at }.
error-formula-timed-filter = The formula of { $field } depends on the time: it can be shown, but not filtered, sorted, searched or unique ({ $at }).
error-idempotency-in-flight = The same request is being done at this moment. Ask again when it is done.
error-sum-overflow = The sum is larger than can be compared. Narrow the records down.
