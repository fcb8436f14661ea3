// While a new record is typed: asks which records may be the same and shows them above the buttons.
const watch = form => {
  const quick = form.getAttribute('action') === '/quick';
  const address = quick ? '/contacts/duplicates' : form.getAttribute('action').replace(/\/new$/, '/duplicates');
  // The quick lead has one input for all ways to reach somebody.
  const typed = () => {
    const data = new FormData(form);
    if (!quick) return new URLSearchParams(data);
    const reach = data.get('reach').trim();
    return new URLSearchParams({ name: data.get('name'), [reach.includes('@') ? 'emails' : 'phones']: reach });
  };
  const place = document.createElement('div');
  place.className = 'likely';
  place.setAttribute('aria-live', 'polite');
  form.querySelector('.foot')?.before(place);
  let timer = 0;
  let asked = '';
  let latest = 0;
  const ask = async () => {
    const body = typed();
    const text = body.toString();
    if (text === asked) return;
    asked = text;
    const mine = ++latest;
    try {
      const answer = await fetch(address, { method: 'POST', body, headers: { accept: 'text/html' } });
      // An answer that was overtaken by a later question says nothing any more.
      if (!answer.ok || answer.redirected || mine !== latest) return;
      const read = new DOMParser().parseFromString(await answer.text(), 'text/html');
      place.replaceChildren(...read.body.childNodes);
    } catch {
      // Without the network the form works as it did.
    }
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 350);
  });
  ask();
};
const FORMS = 'form.form[action$="/new"], form.form[action="/quick"]';
const form = document.querySelector(FORMS);
if (form) watch(form);
// One that is opened in a dialog.
document.addEventListener('peyvand:form', e => e.detail.matches(FORMS) && watch(e.detail));
