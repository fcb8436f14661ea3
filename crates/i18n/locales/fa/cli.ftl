# آنچه فرمان‌ها می‌گویند

cli-listening = پیوند آماده است:
cli-own-certificate = چون گواهی نداده‌اید سرور خود یکی ساخت؛ مرورگرها دربارهٔ آن می‌پرسند
cli-fingerprint = اثر انگشت SHA-256 گواهی:
cli-set-up = هنوز کاربری نیست؛ از اینجا آغاز کنید:
cli-demo-token = توکن { $user }:
cli-demo-open = این را باز کنید:
cli-restore-paused = داده‌ها برگشت. ارسال پیام‌ها تا تأیید شما متوقف است.
cli-import-rows-failed = سطرهایی که نوشته نشدند: { $rows }
cli-import-begins = ورود داده با شناسهٔ { $id } آغاز شد. اگر متوقف شود، همین فرمان آن را ادامه می‌دهد؛ برای پس گرفتن آن: peyvand import --undo { $id }
cli-import-goes-on = ورود داده با شناسهٔ { $id } پس از سطر { $rows } ادامه می‌یابد. برای پس گرفتن آن: peyvand import --undo { $id }
cli-import-stopped = ورود داده پس از سطر { $rows } متوقف شد. آنچه نوشته شده کامل است و می‌ماند. برای ادامه همین فرمان را دوباره اجرا کنید؛ برای پس گرفتن آن: peyvand import --undo { $id }
