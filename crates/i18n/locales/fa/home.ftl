# خانه

home-before = پیش از این: { $count }
home-done = انجام‌شدهٔ من در این هفته
home-kept = مشتریان بازگشتهٔ این ماه
home-made = { $who } ساخت
home-changed = { $who } تغییر داد
home-won-months = فروش برنده در شش ماه
home-new-months = مخاطبان تازه در شش ماه
home-as-table = همین به صورت جدول
home-my-day = روز من
home-late-all = همهٔ عقب‌افتاده‌ها
home-nothing-today = برای امروز و پس از آن کاری ندارید.
home-my-pipeline = معامله‌های باز من
home-no-deals = معاملهٔ بازی به نام شما نیست.
home-changes = تازه‌ترین تغییرها
home-mark-done = انجام شد
home-first-title = از کجا آغاز کنیم؟
home-first-lead = این فضای کاری هنوز خالی است. یکی از این سه راه را برگزینید.
home-first-import = آوردن داده‌های خودتان
home-first-import-lead = فایل اکسل یا CSV از مخاطبان، شرکت‌ها یا معامله‌ها؛ پیش از نوشتن همه‌چیز را می‌بینید.
home-first-contact = ثبت نخستین سرنخ
home-first-contact-lead = نام، راه تماس و آنچه می‌خواهد؛ سه فیلد و یک کلید.
home-first-demo = دیدن نمونهٔ آماده
home-first-demo-lead = شرکتی ساختگی با یک سال داده، جدا از داده‌های شما؛ با این فرمان:
