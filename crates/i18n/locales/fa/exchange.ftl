# ورود و خروج داده

import-title = ورود داده
import-choose-file = انتخاب فایل
import-field = فیلد
import-ignore-column = این ستون وارد نشود
import-mapping = جورسازی ستون‌ها
import-duplicates = اگر رکورد تکراری بود
import-policy-skip = از آن بگذر
import-policy-fill = فقط جاهای خالی را پر کن
import-policy-overwrite = مقدارهای آن را جایگزین کن
import-policy-create = باز هم رکورد تازه بساز
import-dry-run = اجرای آزمایشی
import-start = آغاز ورود داده
import-progress = { $done } سطر از { $total } سطر
import-created = { $count } رکورد ساخته شد.
import-updated = { $count } رکورد به‌روز شد.
import-unchanged = { $count } رکورد بی‌تغییر ماند.
import-skipped = از { $count } سطر گذشتیم.
import-failed = { $count } سطر خطا داشت.
import-undo = واگرد همهٔ این ورود داده
export-title = خروجی گرفتن
export-format = قالب فایل
export-vcard = vCard (تنها مخاطبان و شرکت‌ها)
export-vcard-only = vCard تنها برای مخاطبان و شرکت‌هاست. برای این‌ها Excel یا CSV را برگزینید.
