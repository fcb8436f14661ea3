# تخته

board-by-stage = مرحله
board-by = ستون‌ها:
board-pipelines = خط‌های فروش
board-open-value = ارزش باز
board-more = { $count } مورد دیگر در فهرست
board-no-stage = بدون مرحله
board-empty = چیزی در این ستون نیست.
board-drop-here = این‌جا رها کنید
board-help = برای برداشتن کارت فاصله را بزنید، با کلیدهای جهت‌دار ببرید و دوباره فاصله را بزنید؛ Esc کارت را برمی‌گرداند.
board-no-next = بدون گام بعدی
board-rotting = بیش از { $days } روز در این مرحله
board-moved = «{ $title }» جابه‌جا شد.
board-into = رفتن به «{ $stage }»
board-asks = برای رفتن به مرحلهٔ «{ $stage }» این‌ها لازم است.
