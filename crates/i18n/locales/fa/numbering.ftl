# Numbers of orders and products

numbering-title = شماره‌گذاری
numbering-about = شمارهٔ سفارش و کالای تازه
numbering-lead = سفارش یا کالایی که بی‌شماره ساخته شود، شمارهٔ بعدی را می‌گیرد. هر شماره یک بار داده می‌شود؛ اگر ساختن نیمه‌کاره بماند، شماره‌ای جا می‌افتد. از شماره‌هایی که دستی یا با درون‌ریزی آمده‌اند می‌گذرد.
numbering-on = تازه‌ها شماره بگیرند
numbering-prefix = پیشوند
numbering-width = تعداد رقم
numbering-next = شمارهٔ بعدی
numbering-example = بعدی چنین است:
numbering-bad-prefix = تا ۲۰ حرف و رقم و نشانه‌های - / . _
numbering-bad-width = از ۱ تا ۱۲ رقم.
numbering-bad-next = یک عدد صحیح از ۱ به بالا.
