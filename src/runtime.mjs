// Stops with one sentence where the project's own Node is missing. Plain JavaScript, because an older Node reads nothing else.

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `Node ${process.versions.node} is too old, 24 is needed. It comes with: npm install (with install scripts on)\n`,
  );
  process.exitCode = 1;
}
