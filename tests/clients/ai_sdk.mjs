// The Vercel AI SDK: sources are parts of the result, whole and streamed.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.CITEWISE_NODE ?? process.cwd()}/x.js`);
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { generateText, streamText } = await load("ai");
const { createOpenAI } = await load("@ai-sdk/openai");
const { createOpenAICompatible } = await load("@ai-sdk/openai-compatible");

const [url, apiKey = "none"] = process.argv.slice(2);
const baseURL = `${url}/v1`;
const openai = createOpenAI({ baseURL, apiKey });
const compatible = createOpenAICompatible({ name: "citewise", baseURL, apiKey });
const asked = { system: "Answer politely.", prompt: "How hot does the kiln get?", maxRetries: 0 };

for (const model of [openai.chat("citewise"), openai.responses("citewise")]) {
  const whole = await generateText({ ...asked, model });
  assert.match(whole.text, /1,250.*\[1\]/);
  assert.ok(whole.sources.some(({ title }) => title.startsWith("Kiln")), JSON.stringify(whole.sources));
  assert.ok(whole.usage.totalTokens > 0);
  const stream = streamText({ ...asked, model });
  assert.match(await stream.text, /1,250.*\[1\]/);
  assert.ok((await stream.sources).some(({ title }) => title.startsWith("Kiln")));
}

const text = streamText({ ...asked, model: compatible("citewise+sources") });
assert.match(await text.text, /1,250[^]*\[1\] Kiln/);
console.log("AI SDK ok");
