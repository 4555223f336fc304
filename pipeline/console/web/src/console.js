// What the pages do beyond HTML. Every page works without it.
import { startCapture } from "./capture.js";
import { startExport } from "./export.js";
import { startKeys } from "./keys.js";
import { startProof } from "./proof.js";
import { startQueue } from "./queue.js";
import { startReview } from "./review.js";

document.documentElement.classList.add("js");
startCapture();
startExport();
startKeys();
startProof();
startQueue();
startReview();
