# Choices of a field

choices-lead = گزینه‌ای که دیگر پیشنهاد نمی‌شود، روی رکوردهایی که آن را دارند خوانا می‌ماند. سطر آخر گزینهٔ تازه می‌سازد؛ شماره جای آن را می‌گوید.
choices-fixed = برنامه بر پایهٔ این گزینه‌ها کار می‌کند؛ نام و رنگشان را می‌توان عوض کرد، ولی نه می‌توان گزینه‌ای افزود و نه کنار گذاشت.
choices-order = جا
choices-choice = گزینه
choices-colour = رنگ
choices-retired = دیگر پیشنهاد نشود
choices-usual = پیش‌فرضِ رکورد تازه
choices-new = گزینهٔ تازه
choices-needed = دست‌کم یک گزینه باید پیشنهاد شود و گزینهٔ پیش‌فرضِ رکوردهای تازه را نمی‌توان کنار گذاشت.
choices-edit = تغییر گزینه‌ها
choices-lapis = لاجوردی
choices-violet = بنفش
choices-saffron = زعفرانی
choices-pistachio = پسته‌ای
choices-anar = اناری
choices-clay = سفالی
choices-firouzeh = فیروزه‌ای
