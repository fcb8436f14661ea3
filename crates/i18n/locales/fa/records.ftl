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
