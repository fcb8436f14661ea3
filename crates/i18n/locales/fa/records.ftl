# رکوردها: فرمول، مبلغ، درخواست تکراری، رکوردهای مشابه

error-formula-syntax = فرمول { $field } خوانده نشد: { $at }
error-formula-too-long = فرمول { $field } بیش از اندازه دراز یا تودرتوست ({ $at }).
error-formula-unknown-field = فرمول { $field } از فیلد { $at } استفاده می‌کند که وجود ندارد.
error-formula-field-type = فرمول { $field } نمی‌تواند با { $at } حساب کند؛ مقدارهای این نوع به فرمول نمی‌آیند.
error-formula-unknown-function = فرمول { $field } از { $at } استفاده می‌کند؛ چنین تابعی، یا با این تعداد مقدار، نیست.
error-formula-not-allowed = فرمول { $field } از { $at } استفاده می‌کند که در فرمول‌ها مجاز نیست.
error-formula-types = فرمول { $field } چیزهایی را کنار هم گذاشته که با هم نمی‌خوانند: { $at }
error-formula-result-type = نتیجهٔ فرمول { $field } از نوع { $at } است و با نوع فیلد نمی‌خواند.
error-formula-circle = فرمول { $field } دوباره به { $at } برمی‌گردد.
error-formula-timed-filter = فرمول { $field } به زمان وابسته است؛ نمایش داده می‌شود، ولی پالایش، مرتب‌سازی، جست‌وجو و یکتایی ندارد ({ $at }).
error-idempotency-in-flight = همین درخواست هم‌اکنون در حال انجام است. پس از پایان دوباره بپرسید.
error-sum-overflow = جمع بزرگ‌تر از آن است که سنجیده شود. رکوردها را محدودتر کنید.
error-likely-duplicate = رکوردهایی مانند این هست. نخست آن‌ها را ببینید، یا بدون on_duplicate=refuse بفرستید.

api-duplicates = رکوردهایی که مقدارهای داده‌شده شاید نسخهٔ دوم آن‌ها باشند، محتمل‌ترین نخست، با امتیاز و دلیل: { $object }.
api-sums = جمع دقیق یک عدد یا مبلغ روی { $objects }: به تفکیک ارز، و به ارز پایه تا جایی که نرخ معلوم بوده است.
api-param-field = عدد یا مبلغی که جمع زده می‌شود.
api-head-too-large = نشانی و سرآیندها روی هم بلندتر از آن است که سرور می‌خواند.
api-param-atomic = همهٔ موردها یا هیچ‌کدام، در یک تراکنش (حداکثر ۳۰۰ مورد): پاسخ، نخستین موردی است که انجام‌شدنی نیست و شمارهٔ آن در item می‌آید.
api-param-on-duplicate = اگر رکوردهایی مانند این باشد: warn (سرآیند duplicate-of در پاسخ آن‌ها را نام می‌برد؛ پیش‌فرض همین است)، refuse (پاسخ ۴۰۹ با رکوردهای مشابه) یا ignore.

duplicates-title = شاید پیش‌تر ثبت شده باشد
duplicates-score = { $score } از ۱۰۰
reason-national-id = کد ملی یکسان
reason-mobile = شمارهٔ همراه یکسان
reason-email = ایمیل یکسان
reason-code = کد یکسان
reason-website = وب‌سایت یکسان
reason-name = نام یکسان
reason-name-across-scripts = همین نام به خط دیگر
reason-similar-name = نام مشابه
reason-phone = تلفن ثابت یکسان
reason-shared-mailbox = صندوق ایمیل مشترک یکسان
reason-company = شرکت یکسان
replace-title = حذف { $object }
replace-lead = بگویید جای آن را کدام بگیرد: آنچه به آن وابسته است به آن‌جا می‌رود و سپس این یکی حذف می‌شود. معامله‌ها وضعیت خود را نگه می‌دارند.
replace-none = چیزی نیست که جای آن را بگیرد. نخست یکی از همین نوع بسازید.
replace-not-this = این یکی نمی‌تواند جای آن را بگیرد. یکی دیگر برگزینید.
replace-do = جابه‌جا کن و حذف کن
form-taken = رکورد دیگری همین «{ $fields }» را دارد.
