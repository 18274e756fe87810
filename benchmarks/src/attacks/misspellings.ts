/** Words that are often misspelt, with how. */
const WHOLE_WORDS: ReadonlyMap<string, readonly string[]> = new Map(
  `the:teh,hte and:adn,nad that:taht you:yuo with:wiht,whit from:form have:ahve they:tehy this:tihs what:waht when:wehn
  there:their,ther their:there,thier then:than than:then to:too too:to your:youre,you're it's:its its:it's
  because:becuase,becasue before:befor beginning:begining believe:beleive brought:brung,brougth business:buisness
  children:childern coming:comming could:coudl definitely:definately different:diffrent every:evry friend:freind
  friends:freinds happened:happend heard:herd immediately:immediatly knew:new know:no little:litle,littel lose:loose
  necessary:neccessary,necesary occurred:occured once:onec people:peopel,poeple piece:peice probably:probly,probaly
  quiet:quite quite:quiet really:realy receive:recieve received:recieved said:siad separate:seperate should:shoudl
  something:somthing surprise:suprise thought:thougt,thougth through:threw,throught together:togehter tomorrow:tommorow,tommorrow
  truly:truely until:untill weird:wierd where:were,wher which:wich whole:hole would:woudl write:rite writing:writting`
    .split(/\s+/)
    .map((entry) => {
      const [word, slips] = entry.split(":") as [string, string];
      return [word, slips.split(",")];
    }),
);

/** What is misspelt inside words, and how: sounds that are written in more than one way, and letters that are not heard. */
const PATTERNS: readonly (readonly [pattern: RegExp, slip: string])[] = [
  [/(?<=[a-z])ie/, "ei"],
  [/(?<=[a-z])ei/, "ie"],
  [/(?<=[a-z])(ll|ss|mm|nn|tt|cc|pp|rr|ff)(?=[a-z])/, "single"],
  [/ance$/, "ence"],
  [/ence$/, "ance"],
  [/ant$/, "ent"],
  [/(?<=[a-z]{3})ent$/, "ant"],
  [/able$/, "ible"],
  [/ible$/, "able"],
  [/ely$/, "ly"],
  [/ally$/, "aly"],
  [/(?<=[a-z]{2})ful$/, "full"],
  [/(?<=[a-z])sc(?=[ei])/, "s"],
  [/(?<=[a-z])ary$/, "ery"],
  [/(?<=[a-z])ery$/, "ary"],
  [/(?<=[a-z]{2})our/, "or"],
  [/(?<=[a-z])['’](?=[a-z])/, ""],
];

/** How people who know the sound of a word, but not its letters, misspell it: by Wikipedia's kinds of common misspellings. */
export function commonMisspellings(word: string): readonly string[] {
  const whole = (WHOLE_WORDS.get(word.toLowerCase()) ?? []).map((slip) =>
    /^\p{Lu}/u.test(word) ? slip[0]!.toUpperCase() + slip.slice(1) : slip,
  );
  const inside = PATTERNS.filter(([pattern]) => pattern.test(word)).map(([pattern, slip]) =>
    word.replace(pattern, (match) => (slip === "single" ? match[0]! : slip)),
  );
  return [...whole, ...inside].filter((slip) => slip !== word);
}
