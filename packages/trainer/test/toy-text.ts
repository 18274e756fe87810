/** A few hundred words with structure that a tiny model learns in a few steps. */
export const TOY_TEXT: string = Array.from({ length: 60 }, (_, i) => {
  const animal = ["cat", "dog", "hen", "fox"][i % 4]!;
  const place = ["on the mat", "in the barn", "by the gate"][i % 3]!;
  return `The ${animal} sat ${place}. It saw a ${["bird", "mouse"][i % 2]!} and said nothing.`;
}).join("\n");
