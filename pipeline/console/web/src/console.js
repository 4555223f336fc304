// What the pages do beyond HTML. Every page works without it.
import { startKeys } from "./keys.js";
import { startQueue } from "./queue.js";
import { startReview } from "./review.js";

document.documentElement.classList.add("js");
startKeys();
startQueue();
startReview();
