# What people are told

notifications-title = اعلان‌ها
notifications-unread = خوانده‌نشده
notifications-all-read = علامت‌گذاری همه به‌عنوان خوانده‌شده
notifications-read = علامت‌گذاری به‌عنوان خوانده‌شده
notifications-marked = همهٔ اعلان‌ها به‌عنوان خوانده‌شده علامت خورد.
notifications-gone = این رکورد دیگر نیست، یا شما دیگر آن را نمی‌بینید.
notifications-missing = رکوردی که دیگر آن را نمی‌بینید
notifications-none = هنوز اعلانی برای شما نیست
notifications-lead = هرگاه کسی رکوردی را به شما واگذار کند، در یادداشتی با @ از شما نام ببرد، رکوردی را با شما به اشتراک بگذارد یا به رکوردی که دنبال می‌کنید چیزی بیفزاید، اینجا باخبر می‌شوید؛ همچنین یک ربع پیش از سررسیدِ کارهایتان، صبحِ روزی که کاری دیر شده باشد، و هنگامی که ورود، خروج یا تغییر گروهی رکوردها به پایان برسد.
notifications-work-import = ورود داده
notifications-work-export = خروجی داده
notifications-work-bulk-edit = تغییر گروهی
notifications-param-unread = فقط خوانده‌نشده‌ها.
notifications-api-list = اعلان‌های خودِ فراخواننده، تازه‌ترین در آغاز، و شمار خوانده‌نشده‌ها.
notifications-api-read = یکی از اعلان‌های فراخواننده را به‌عنوان خوانده‌شده علامت می‌زند.
notifications-api-read-all = همهٔ اعلان‌های فراخواننده را به‌عنوان خوانده‌شده علامت می‌زند.
notifications-wanted = از چه چیزهایی باخبر شوید
notifications-api-wishes = فراخواننده از کدام گونه‌ها باخبر می‌شود.
notifications-api-set-wishes = می‌گوید فراخواننده از کدام گونه‌ها باخبر شود؛ گونه‌هایی که نام برده نشوند همان می‌مانند.
