# The page of backups

backup-about = تازه‌ترین پشتیبان، سن آن، راه ساختنش
backup-none = از هیچ پشتیبان آزموده‌ای خبر نداریم. یکی بسازید و جدا از داده‌ها نگه دارید.
backup-gone = تازه‌ترین پشتیبان دیگر جایی که نوشته شد نیست. اگر آن را به جای امنی برده‌اید خیالتان آسوده باشد؛ وگرنه یکی دیگر بسازید.
backup-old = تازه‌ترین پشتیبان { $when } ساخته شده است: یکی دیگر بسازید.
backup-newest = تازه‌ترین پشتیبان آزموده
backup-when = زمان
backup-file = پرونده
backup-size = اندازه
backup-records = رکوردها
backup-key = کلید نصب
backup-key-inside = درون آن، پشت گذرواژه
backup-key-elsewhere = درون آن نیست: جداگانه نگه‌داری می‌شود
backup-log = رویدادنامه
backup-log-never = معلوم نیست رویدادنامه کی بررسی شده است.
backup-log-holds = { $count } سطر مهرشده درست است
backup-log-broken = رویدادنامه با آنچه نوشته شده یکی نیست. پوشهٔ داده را دست نزنید و با یک پشتیبان بسنجید.
backup-found = یافته
backup-how = راه ساختن پشتیبان
