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
error-likely-duplicate = Records like this are there already. Look at them first, or ask without on_duplicate=refuse.

api-duplicates = Records that the given values may be a second copy of, most likely first, with a score and the reasons: { $object }.
api-sums = The exact sum of a number or amount over { $objects }: by currency, and in the base currency as far as rates were known.
api-param-field = The number or amount that is summed.
api-head-too-large = The address and the headers together are longer than the server reads.
api-param-atomic = All items or none, in one transaction (at most 300): the first item that cannot be done is the answer, with its number in item.
api-param-on-duplicate = What to do when records like this are there: warn (the answer’s header duplicate-of names them; so it is when nothing is said), refuse (409 with the candidates) or ignore.

duplicates-title = Perhaps it is there already
duplicates-score = { $score } of 100
reason-national-id = the same national ID
reason-mobile = the same mobile number
reason-email = the same e-mail address
reason-code = the same code
reason-website = the same website
reason-name = the same name
reason-name-across-scripts = the same name in the other script
reason-similar-name = a similar name
reason-phone = the same landline
reason-shared-mailbox = the same shared mailbox
reason-company = the same company
replace-title = Delete: { $object }
replace-lead = Say which one takes its place: what stands on it goes there, then this one is deleted. Deals keep their status.
replace-none = There is nothing that could take its place. Make another one of its kind first.
replace-not-this = This one cannot take its place. Choose another.
replace-do = Move and delete
form-taken = Another record has the same “{ $fields }”.
