# نقش‌ها: جدول دسترسی‌ها

roles-title = نقش‌ها
roles-about = هر نقش چه می‌بیند و چه می‌تواند بکند
roles-lead = نقش می‌گوید دارندگانش با هر نوع رکورد چه می‌توانند بکنند. هر تغییر بی‌درنگ به کار می‌افتد.
roles-held-by =
    { $count ->
        [0] کسی این نقش را ندارد
        [one] { $count } نفر این نقش را دارد
       *[other] { $count } نفر این نقش را دارند
    }
roles-new = نقش تازه
roles-from = با دسترسی‌های
roles-from-nothing = هیچ نقشی: هیچ کاری مجاز نیست
roles-copy = رونوشت
roles-copy-of = رونوشت { $name }
roles-holders = دارندگان این نقش
roles-holders-lead = نامی را برگزینید تا ببینید او چه می‌تواند بکند و چرا.
roles-nobody = کسی این نقش را ندارد.
roles-held = کسی این نقش را دارد. نخست نقش دیگری به او بدهید.
roles-everything-lead = دارندهٔ این نقش همه کار می‌تواند بکند؛ جدول در آن اثری ندارد.
roles-table-lead = خانه‌های «معمول» از سطر نخست پیروی می‌کنند. دسترسی به رکوردی که بخشی از رکورد دیگر است مانند همان رکورد است.
roles-usual-part = به طور کلی
roles-usual-row = دامنهٔ معمول
roles-usual-note = برای هرچه در زیر نیامده است
roles-as-usual = معمول: { $reach }
roles-reach-none = هیچ
roles-reach-own = خودش
roles-reach-team = تیمش
roles-reach-below = تیم و زیرمجموعه
roles-reach-all = همه
roles-field-rules =
    { $count ->
        [0] قاعده‌های فیلدها
       *[other] { $count } قاعده برای فیلدها
    }
roles-fields-lead = فیلد پنهان گویی وجود ندارد؛ از فیلد پوشیده تنها دو نویسهٔ آخر دیده می‌شود، یا تنها این‌که مقداری دارد؛ فیلد فقط خواندنی دیده می‌شود و تغییر نمی‌کند. مقدارهای حساس تنها در صفحهٔ خود رکورد نشان داده می‌شوند و هر بار دیدن آن‌ها ثبت می‌شود.
roles-rule = قاعده
roles-no-rule = بدون قاعده
roles-sensitive = حساس
roles-hidden-by-input = پنهان است، چون از فیلدی پنهان به دست می‌آید.
roles-not-saved = چیزی ذخیره نشد. این خانه‌ها خواندنی نیست:
roles-wrong-cell = «{ $cell }»: «{ $value }» یکی از گزینه‌ها نیست.
roles-now = «{ $cell }» اکنون چنین است: { $value }
