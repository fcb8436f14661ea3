// What no firm would write and every program meets: records whose values are long, empty, mixed, turned round, or look like
// markup. They are made through the interface for programs.

const word = (letter, n = 200) => letter.repeat(n);

/** Values that a title can have. */
export const titles = [
  word('w'),
  word('س'),
  '<script>alert(1)</script><b>"bold" & \'quoted\'</b><img src=x onerror=alert(1)>',
  'Acme \u202Egnissim\u202C (Pty) شرکت [۱۲۳] ltd. \u2067abc\u2069',
  '👩‍👩‍👧‍👦🏳️‍🌈'.repeat(12),
  'شرکت بین‌المللی بازرگانی و تولیدی و صنعتی و خدماتی و پژوهشی و آموزشی و ترابری نوین‌گستران پارسیان خاورمیانه (سهامی خاص) – شعبهٔ منطقهٔ آزاد',
  'Ω≈ç√∫˜µ≤≥÷ ﷽ Z̸͎͌a̵͇͝l̷̫̈́g̶̲̿o̴̢͐ ﻻﺎ',
];

/** Makes them all for this user; gives the addresses of one record of each kind. */
export async function fill(base, token, owner) {
  const call = async (method, path, body) => {
    const answer = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'accept-language': 'en' },
      body: body && JSON.stringify(body),
    });
    const json = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(json)}`);
    return json;
  };
  const first = async (path, fits) => (await call('GET', path)).data.find(fits ?? (() => true));
  const stage = await first('/stages?limit=200', s => s.kind === 'open');
  const today = new Date();
  const at = hours => new Date(today.getTime() + hours * 3_600_000).toISOString();
  const made = {};
  const make = async (plural, body) => {
    const { id } = await call('POST', `/${plural}`, body);
    made[plural] ??= [];
    made[plural].push(`/${plural}/${id}`);
    return id;
  };
  for (const [n, title] of titles.entries()) {
    const company = await make('companies', {
      name: title,
      owner_id: owner,
      website: `https://${word('a', 60)}.example/`,
    });
    const contact = await make('contacts', {
      name: { given: n % 2 ? '' : title.slice(0, 100), family: title.slice(0, 100) },
      job_title: word('j', 120),
      city: title.slice(0, 100),
      company_id: company,
      owner_id: owner,
      emails: [`${word('e', 50)}${n}@${word('d', 50)}.example.com`],
    });
    await make('deals', {
      name: title,
      amount: { amount: '9007199254740991', currency: 'IRR' },
      stage_id: stage.id,
      pipeline_id: stage.pipeline_id,
      company_id: company,
      contact_id: contact,
      owner_id: owner,
      next_step: word('n', 150),
    });
    for (const hours of [0.1, -30])
      await make('activities', {
        subject: title,
        kind: 'call',
        due_at: at(hours),
        owner_id: owner,
        contact_id: contact,
      });
    await make('notes', {
      body: `<p>${title.replaceAll('<', '&lt;')} ${word('x')}</p>`,
      contact_id: contact,
      company_id: company,
    });
  }
  // With nothing but what must be there.
  await make('companies', { name: '.', owner_id: owner });
  await make('contacts', { name: { family: 'ی' }, owner_id: owner });
  await make('deals', { name: '0', stage_id: stage.id, pipeline_id: stage.pipeline_id, owner_id: owner });
  return made;
}

/** The screens on which they stand. */
export const screens = made => [
  { name: 'contacts', path: '/contacts?sort=-created_at' },
  { name: 'companies', path: '/companies?sort=-created_at' },
  { name: 'deals', path: '/deals?group=status&sort=-created_at' },
  { name: 'board', path: '/deals/board' },
  ...[1, 2, 4].map(n => ({ name: `contact-${n}`, path: made.contacts[n] })),
  { name: 'contact-bare', path: made.contacts.at(-1) },
  { name: 'company', path: made.companies[1] },
  { name: 'company-markup', path: made.companies[2], title: '<script>alert(1)</script>' },
  { name: 'deal', path: made.deals[0] },
  { name: 'deal-edit', path: `${made.deals[2]}/edit` },
  { name: 'home', path: '/' },
  { name: 'calendar-month', path: '/calendar?view=month' },
  { name: 'calendar-day', path: '/calendar?view=day' },
  { name: 'notifications', path: '/notifications' },
];
