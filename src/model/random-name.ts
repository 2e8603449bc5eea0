/** Names for containers that were given none: `adjective_surname`, people whom computing owes something. */

const ADJECTIVES =
  'able ample apt bold brave brief bright brisk calm candid civil clear clever cosy crisp curious dapper daring deft eager early earnest easy exact fair famous fine firm fleet fond frank fresh gentle glad good grand happy hardy hearty honest humble ideal jolly jovial just keen kind lively loyal lucid lucky mellow merry mild modest neat nimble noble open patient plain plucky polite prime proud prudent quick quiet ready robust sharp sincere sleek smart snug sober solid spry stable steady stoic stout sturdy subtle sunny swift tender thrifty tidy trusty upbeat vivid warm wary wise witty worthy zany zesty'.split(
    ' ',
  );

const SURNAMES =
  'allen babbage backus bartik bell blum boole brooks cerf cheriton church clarke codd conway cray curry dahl daly dijkstra eckert engelbart euler feinler floyd forsythe galois gauss goldberg golub goldwasser gosper graham gray hamilton hamming hartmanis hoare holberton hollerith hopper huffman iverson jensen johnson joy kahan kahn karp kay kernighan keller kilburn kildall kleene knuth kurtz lamarr lamport lampson leibniz liskov lovelace mauchly mccarthy mcilroy meltzer metcalfe micali milner minsky moore naur neumann newell noether noyce nygaard parnas perlis perlman peter postel rabin ritchie rivest sammet shamir shannon shaw shockley sifakis simon spence stallman stearns strachey sutherland tarjan thacker thompson torvalds turing ulam valiant wheeler wilkes wilkinson wing wirth yao zuse'.split(
    ' ',
  );

/** @param random two numbers from 0 up to but not including 1 */
export function randomName([first, second]: readonly [number, number]): string {
  return `${pick(ADJECTIVES, first)}_${pick(SURNAMES, second)}`;
}

function pick(words: readonly string[], random: number): string {
  return words[Math.floor(random * words.length)] ?? '';
}
