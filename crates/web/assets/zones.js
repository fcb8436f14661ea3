// Time zones: the browser knows the names of all, which are offered while one is typed, and which is its own, which is put in
// where nobody has said one.
{
  for (const input of document.querySelectorAll('[data-zone=own]')) {
    input.value = Intl.DateTimeFormat().resolvedOptions().timeZone || input.value;
  }
  addEventListener('focusin', e => {
    const input = e.target;
    if (!input.matches?.('[data-zone]:not([list])')) return;
    if (!document.getElementById('zones')) {
      const list = document.createElement('datalist');
      list.id = 'zones';
      for (const name of Intl.supportedValuesOf?.('timeZone') ?? []) list.append(new Option(name, name));
      document.body.append(list);
    }
    input.setAttribute('list', 'zones');
  });
}
