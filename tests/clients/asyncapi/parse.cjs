// Reads an AsyncAPI document from standard input with the specification's own parser, prints what it finds
// wrong or doubtful, a line each, and ends with 1 where there is anything.
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

(async () => {
  const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
  for (const one of diagnostics) {
    console.log(`${one.path.join(".") || "the document"}: ${one.message}`);
  }
  if (document && document.version() !== "3.1.0") {
    console.log(`asyncapi: is ${document.version()}`);
    process.exitCode = 1;
  }
  if (!document || diagnostics.length > 0) process.exitCode = 1;
})();
