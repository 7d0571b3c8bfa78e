// OpenAI's client for JavaScript: chat completions, responses, models and errors.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.CITEWISE_NODE ?? process.cwd()}/x.js`);
const { default: OpenAI } = await import(pathToFileURL(require.resolve("openai")));

const [url, key = "none"] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const messages = [{ role: "user", content: "How hot does the kiln get?" }];

const whole = await client.chat.completions.create({ model: "citewise+sources", messages });
assert.match(whole.choices[0].message.content, /1,250[^]*\[1\] Kiln/);
assert.match(whole.choices[0].message.annotations[0].url_citation.title, /^Kiln/);
assert.ok(whole.usage.total_tokens > 0);

let text = "";
let usage = null;
const options = { model: "citewise", messages, stream: true, stream_options: { include_usage: true } };
for await (const chunk of await client.chat.completions.create(options)) {
  text += chunk.choices[0]?.delta.content ?? "";
  usage = chunk.usage ?? usage;
}
assert.match(text, /1,250.*\[1\]/);
assert.ok(usage.total_tokens > 0);

const response = await client.responses.create({ model: "citewise", input: messages[0].content });
assert.match(response.output_text, /1,250/);
const [annotation] = response.output[0].content[0].annotations;
assert.deepEqual([annotation.type, annotation.filename.startsWith("Kiln")], ["file_citation", true]);
const streamed = await client.responses.stream({ model: "citewise", input: messages[0].content }).finalResponse();
assert.equal(streamed.output_text, response.output_text);

assert.equal((await client.models.retrieve("citewise+sources")).id, "citewise+sources");
for (const body of [{ model: "gpt-4o", messages }, { model: "citewise", messages, n: 2 }]) {
  const error = await client.chat.completions.create(body).then(() => null, (caught) => caught);
  assert.ok(error.status === (body.n ? 400 : 404) && !error.message.includes("no body"), error.message);
}
console.log("openai (npm) ok");
