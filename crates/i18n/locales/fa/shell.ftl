# قاب صفحه‌ها، کلیدها

shell-undone = به حال پیشین برگشت.
shell-offline = بدون اتصال؛ تغییرها ذخیره نمی‌شود.
shell-unreachable = سرور پاسخ نمی‌دهد؛ چیزی ذخیره نشد و آنچه نوشته‌اید همین‌جا می‌ماند. کمی بعد دوباره بفرستید.
shell-unfit = این مقدار پذیرفته نیست.
shell-fold = باز و بسته کردن فهرست کناری
shell-to-jalali = گاه‌شماری هجری شمسی
shell-to-gregorian = گاه‌شماری میلادی
shell-to-persian-digits = رقم‌های فارسی
shell-to-latin-digits = رقم‌های لاتین
shell-to-rial = نمایش به ریال
shell-to-toman = نمایش به تومان
shell-search-in = «{ $query }» در { $objects }
shell-deals-board = تختهٔ معامله‌ها
shell-keys-lead = سرنخ تازه
shell-keys-filter = فیلتر تازه
shell-keys-cells = رفتن میان خانه‌ها
shell-keys-edit = ویرایش خانه
shell-keys-peek = نگاهی به رکورد
shell-keys-tab = باز کردن در زبانهٔ تازه
shell-keys-select = برگزیدن سطرها
shell-keys-card = برداشتن و بردن کارت
shell-keys-go = رفتن به خانه، مخاطبان، شرکت‌ها، معامله‌ها، تخته، فعالیت‌ها، کمپین‌ها، یادداشت‌ها
shell-keys-single = کلیدهای تکی فعال باشند
