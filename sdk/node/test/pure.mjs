// The tests of the pure parts in one process, quick enough to run after every mutation.
import "./vectors.test.mjs";
import "./policy.test.mjs";
import "./wait.test.mjs";
import "./envelope.test.mjs";
import "./budget.test.mjs";
