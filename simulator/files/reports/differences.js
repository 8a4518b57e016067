/* Which words two texts share, in order. A word is compared without the white space behind it. */
const CJK = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}]";
const WORD = new RegExp(
  "(?:\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier}|\\u200D\\p{Extended_Pictographic})*"
  + `|${CJK}\\p{M}*|(?!${CJK})[\\p{L}\\p{N}_](?:(?!${CJK})[\\p{L}\\p{M}\\p{N}_]|['’-](?=\\p{L}))*`
  + "|\\S)",
  "gsu",
);
const TABLE = 4_000_000;

function words(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(WORD)) {
    if (match.index > from) {
      if (found.length) found[found.length - 1].after = text.slice(from, match.index);
      else found.push({ word: "", after: text.slice(from, match.index) });
    }
    found.push({ word: match[0], after: "" });
    from = match.index + match[0].length;
  }
  if (from < text.length) {
    if (found.length) found[found.length - 1].after = text.slice(from);
    else found.push({ word: "", after: text });
  }
  return found;
}

/* Pairs of places of the longest common sequence; of large texts, of the best one that lies
   between words that both have exactly once (patience). */
function shared(a, b) {
  const pairs = [], left = [[0, a.length, 0, b.length]];
  while (left.length) {
    let [a0, a1, b0, b1] = left.pop();
    while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) pairs.push([a0++, b0++]);
    while (a0 < a1 && b0 < b1 && a[a1 - 1] === b[b1 - 1]) pairs.push([--a1, --b1]);
    if (a0 === a1 || b0 === b1) continue;
    if ((a1 - a0) * (b1 - b0) <= TABLE) {
      longest(a, b, a0, a1, b0, b1, pairs);
      continue;
    }
    const anchors = unique(a, b, a0, a1, b0, b1);
    if (!anchors.length) continue;
    let [pa, pb] = [a0, b0];
    for (const [na, nb] of [...anchors, [a1, b1]]) {
      left.push([pa, na, pb, nb]);
      if (na < a1) pairs.push([na, nb]);
      [pa, pb] = [na + 1, nb + 1];
    }
  }
  return pairs.sort((one, other) => one[0] - other[0]);
}

function longest(a, b, a0, a1, b0, b1, pairs) {
  const n = a1 - a0, m = b1 - b0, width = m + 1, table = new Uint16Array((n + 1) * width);
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      table[i * width + j] = a[a0 + i] === b[b0 + j]
        ? table[(i + 1) * width + j + 1] + 1
        : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  for (let i = 0, j = 0; i < n && j < m;) {
    if (a[a0 + i] === b[b0 + j]) pairs.push([a0 + i++, b0 + j++]);
    else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) i++;
    else j++;
  }
}

function unique(a, b, a0, a1, b0, b1) {
  const seen = new Map();
  const count = (list, from, to, side) => {
    for (let place = from; place < to; place++) {
      const one = seen.get(list[place]) ?? [0, 0, -1, -1];
      one[side]++;
      one[side + 2] = place;
      seen.set(list[place], one);
    }
  };
  count(a, a0, a1, 0);
  count(b, b0, b1, 1);
  const both = [...seen.values()].filter((one) => one[0] === 1 && one[1] === 1);
  both.sort((one, other) => one[2] - other[2]);
  const ends = [], before = new Array(both.length);
  both.forEach((one, number) => {
    let low = 0, high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (both[ends[middle]][3] < one[3]) low = middle + 1;
      else high = middle;
    }
    before[number] = low ? ends[low - 1] : -1;
    ends[low] = number;
  });
  const chain = [];
  for (let at = ends.length ? ends[ends.length - 1] : -1; at >= 0; at = before[at]) {
    chain.unshift([both[at][2], both[at][3]]);
  }
  return chain;
}

/* The way from one text to another: stretches that are the same, gone or new. */
function differences(old, now) {
  const a = words(old), b = words(now);
  const pairs = shared(a.map((one) => one.word), b.map((one) => one.word));
  const blocks = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...pairs, [a.length, b.length]]) {
    if (x > i || y > j || !blocks.length) blocks.push({ gone: [i, x], fresh: [j, y], same: [y, y] });
    const block = blocks[blocks.length - 1];
    if (x < a.length || y < b.length) block.same = [block.same[0], y + 1];
    [i, j] = [x + 1, y + 1];
  }
  const size = (block) => Math.min(block.gone[1] - block.gone[0], block.fresh[1] - block.fresh[0]);
  const calm = [];
  for (const block of blocks) {
    const last = calm[calm.length - 1];
    const kept = last ? last.same[1] - last.same[0] : 0;
    /* A few words in common amid rewritten ones are chance: reading is easier without them. */
    if (last && kept * 2 < Math.min(size(last), size(block))) {
      last.gone[1] = block.gone[1];
      last.fresh[1] = block.fresh[1];
      last.same = block.same;
    } else {
      calm.push(block);
    }
  }
  const said = (list, [from, to]) =>
    list.slice(from, to).map((one) => one.word + one.after).join("");
  const stretches = [];
  let added = 0, removed = 0;
  for (const { gone, fresh, same } of calm) {
    added += fresh[1] - fresh[0];
    removed += gone[1] - gone[0];
    if (gone[1] > gone[0]) stretches.push(["del", said(a, gone)]);
    if (fresh[1] > fresh[0]) stretches.push(["ins", said(b, fresh)]);
    if (same[1] > same[0]) stretches.push(["", said(b, same)]);
  }
  return { stretches, added, removed };
}
