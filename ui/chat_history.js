// Where chats are kept: in the browser, or by the service when it was asked to. Both do the same.

import * as browser from "./chat_db.js";
import * as service from "./chat_service.js";

export const isService = document.documentElement.dataset.chats === "service";
export const { list, find, change, remove, clear, onChange } = isService ? service : browser;
