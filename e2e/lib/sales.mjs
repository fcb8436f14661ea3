// A sales file in the shape that sales programs export: opportunities with an account, an agent, a product and a stage.
// Everybody in it is invented, and the same seed gives the same file.

const accounts = [
  'Cancity',
  'Isdom',
  'Codehow',
  'Hottechi',
  'Konmatfix',
  'فولاد البرز',
  'نساجی یزد باف',
  'پخش سپیدار',
  'Zoomit',
  'Faxquote',
];
const agents = ['Moses Frase', 'Darcel Schlecht', 'Anna Snelling', 'نرگس کاظمی'];
const products = ['GTX Basic', 'GTX Pro', 'MG Special', 'ابزار برش'];
const stages = ['Prospecting', 'Engaging', 'Won', 'Lost'];

/** A CSV file of `n` opportunities; three of them have a value that cannot be read. */
export function salesFile(n, seed = 7) {
  let state = seed;
  const draw = k => {
    state = (state * 1103515245 + 12345) % 2147483648;
    // The low digits of such a generator repeat after a few draws.
    return Math.floor(state / 65536) % k;
  };
  const two = k => String(k).padStart(2, '0');
  const rows = ['opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value'];
  for (let i = 0; i < n; i++) {
    const stage = i === 0 ? 'Prospecting' : stages[draw(4)];
    const account = i === 0 ? 'فولاد البرز' : accounts[draw(accounts.length)];
    const value = i % 20 === 10 && i < 60 ? 'about 10' : String(100 + draw(9000));
    const closed = stage === 'Won' || stage === 'Lost' ? `2025-${two(1 + draw(12))}-${two(13 + draw(15))}` : '';
    rows.push(
      [
        `OPP${String(i).padStart(4, '0')}`,
        agents[draw(agents.length)],
        products[draw(products.length)],
        account,
        stage,
        `2025-${two(1 + draw(12))}-${two(13 + draw(15))}`,
        closed,
        value,
      ].join(','),
    );
  }
  return `${rows.join('\n')}\n`;
}
