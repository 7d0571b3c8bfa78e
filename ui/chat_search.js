// What a chat is found by: the words of its name, its questions and its answers.

export const folded = (text) => text.normalize("NFKC").toLowerCase();

export const wordsOf = ({ name, turns }) =>
  folded([name, ...turns.flatMap(({ question, answer }) => [question, answer?.text ?? ""])].join("\n"));
