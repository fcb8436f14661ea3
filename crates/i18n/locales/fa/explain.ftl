# peyvand text explain

explain-clean = متن ذخیره‌شده
explain-fold = شکل مقایسه
explain-words = واژه‌ها
explain-glued = شکل‌های چسبیده
explain-stems = ریشه‌ها
explain-tails = دنباله‌ها
explain-direction = جهت
explain-rtl = راست به چپ
explain-ltr = چپ به راست
explain-neutral = بی‌جهت
explain-language = زبان
explain-persian = فارسی
explain-english = انگلیسی
explain-arabic = عربی
explain-unknown = نامعلوم
explain-latin = نگارش لاتین پیشنهادی
explain-name = نام شخص
explain-identifier = شناسه
explain-date = تاریخ
explain-amount = مبلغ
explain-search-exact = جست‌وجو: کلیدهای دقیق
explain-search-words = جست‌وجو: آغاز واژه‌ها
explain-search-glued = جست‌وجو: همه در یک واژه
explain-search-sound = جست‌وجو: آوا در خط دیگر
explain-search-substring = جست‌وجو: درون متن
explain-nothing = متن خالی است
