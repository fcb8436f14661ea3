# فهرست کناری

nav-home = خانه
nav-contacts = مخاطبان
nav-deals = معامله‌ها
nav-pinned = سنجاق‌شده
nav-recent = تازه‌ها
nav-import = ورود داده
nav-export = خروجی گرفتن
