// The screens: their addresses, found in the invented company.

/** The first record's address on a list, or nothing. */
const first = async (page, plural) => {
  await page.goto(`/${plural}`);
  const links = await page
    .locator(`.main a[href^="/${plural}/"]`)
    .evaluateAll(all => all.map(a => a.getAttribute('href')));
  return links.find(l => /\/[0-9a-f-]{36}$/.test(l));
};

/** Every screen that an administrator can open: a name and an address, and the status when it is not 200. */
export async function screens(page) {
  const list = [
    { name: 'home', path: '/' },
    { name: 'contacts', path: '/contacts' },
    { name: 'contacts-none', path: '/contacts?q=zzzzqqqq' },
    { name: 'deals', path: '/deals' },
    { name: 'deals-grouped', path: '/deals?group=owner_id' },
    { name: 'board', path: '/deals/board' },
    { name: 'activities', path: '/activities' },
    { name: 'contact-new', path: '/contacts/new' },
    { name: 'deal-new', path: '/deals/new' },
    { name: 'activity-new', path: '/activities/new' },
    { name: 'quick', path: '/quick' },
    { name: 'preferences', path: '/preferences' },
    { name: 'calendar-month', path: '/calendar?view=month' },
    { name: 'calendar-week', path: '/calendar?view=week&who=all' },
    { name: 'calendar-day', path: '/calendar?view=day&who=all' },
    { name: 'calendar-agenda', path: '/calendar?view=agenda&calendar=gregorian&who=all' },
    { name: 'notifications', path: '/notifications' },
    { name: 'import', path: '/import' },
    { name: 'export', path: '/export' },
    { name: 'settings', path: '/settings' },
    { name: 'account', path: '/account' },
    { name: 'settings-people', path: '/settings/people' },
    { name: 'settings-access', path: '/settings/access' },
    { name: 'settings-roles', path: '/settings/roles' },
    { name: 'settings-objects', path: '/settings/objects' },
    { name: 'settings-object', path: '/settings/objects/contact' },
    { name: 'settings-choices', path: '/settings/objects/company/choices/industry' },
    { name: 'settings-choices-fixed', path: '/settings/objects/deal/choices/status' },
    { name: 'settings-holidays', path: '/settings/holidays' },
    { name: 'settings-hours', path: '/settings/hours' },
    { name: 'settings-numbering', path: '/settings/numbering' },
    { name: 'settings-backup', path: '/settings/backup' },
    { name: 'settings-workspace', path: '/settings/workspace' },
    { name: 'settings-log', path: '/settings/log' },
    { name: 'settings-jobs', path: '/settings/jobs' },
    { name: 'settings-tokens', path: '/settings/tokens' },
    { name: 'missing', path: '/contacts/01900000-0000-7000-8000-000000000000', status: 404 },
  ];
  // The role of sellers: its table has cells of every kind.
  await page.goto('/settings/roles');
  const roles = await page.locator('.cards a[href^="/settings/roles/"]').evaluateAll(all => all.map(a => a.getAttribute('href')));
  const role = roles.at(-1);
  if (role)
    list.push(
      { name: 'settings-role', path: role },
      { name: 'settings-role-fields', path: `${role}/fields/contact` },
    );
  for (const plural of ['contacts', 'companies', 'deals', 'orders', 'activities', 'users']) {
    const path = await first(page, plural);
    if (path) list.push({ name: `record-${plural}`, path });
    if (path && plural === 'contacts')
      list.push(
        { name: 'merge', path: `${path}/merge` },
        { name: 'shares', path: `${path}/shares` },
        { name: 'consent', path: `${path}/consent` },
        { name: 'field', path: `${path}/edit/job_title` },
      );
    if (path && plural !== 'users') list.push({ name: `edit-${plural}`, path: `${path}/edit` });
  }
  return list;
}
