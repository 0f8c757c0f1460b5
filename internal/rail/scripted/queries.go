package scripted

import (
	"strings"
)

// query is SQL text that SQLite and PostgreSQL both take, unless it says otherwise. Placeholders appear in
// the order of their numbers, because SQLite counts them by first appearance.
type query string

const columns = `ref, root, rail, kind, amount, currency, target, return_url, masked, expiry, behaviour, provider, token, last,
	state, failure, reason, challenge, step, attempts_left, plan, silence, silent_until, unreachable_until, told, executions,
	moved, created, bank_code, version`

// ours chooses what a node does: its own work, and that of nodes that are not
// alive. Where one process has the books to itself no node is in the table, and
// all work is its.
const ours = `(owner = $2 OR NOT EXISTS (SELECT 1 FROM nodes WHERE nodes.name = owner))`

const (
	loadInstruction  query = `SELECT ` + columns + ` FROM instructions WHERE ref = $1`
	instructionByTok query = `SELECT ` + columns + ` FROM instructions WHERE token = $1`
	insertInstr      query = `INSERT INTO instructions (` + columns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
		$14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30) ON CONFLICT (ref) DO NOTHING`
	saveInstr query = `UPDATE instructions SET token = $1, last = $2, state = $3, failure = $4, reason = $5, challenge = $6, step = $7,
		attempts_left = $8, plan = $9, silence = $10, silent_until = $11, unreachable_until = $12, told = $13, executions = $14,
		moved = $15, version = version + 1 WHERE ref = $16 AND version = $17`

	nextNumber query = `INSERT INTO counters (name, n) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET n = counters.n + 1 RETURNING n`
	moveMoney  query = `INSERT INTO balances (rail, currency, balance, entries) VALUES ($1, $2, $3, 1)
		ON CONFLICT (rail, currency) DO UPDATE SET balance = balances.balance + excluded.balance, entries = balances.entries + 1
		RETURNING balance`
	insertEntry query = `INSERT INTO entries (entry, at, amount, currency, direction, kind, rail, bank_code, counterparty, provider, ref,
		balance_after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	statement query = `SELECT entry, at, amount, currency, direction, kind, rail, bank_code, counterparty, provider, ref, balance_after
		FROM entries WHERE entry > $1 AND ($2 = '' OR rail = $2) AND ($3 = '' OR ref = $3) ORDER BY entry LIMIT $4`
	entriesOf query = `SELECT entry, at, amount, currency, direction, kind, rail, bank_code, counterparty, provider, ref, balance_after
		FROM entries WHERE ref = $1 AND entry > $2 AND ($3 = '' OR rail = $3) ORDER BY entry LIMIT $4`
	totals query = `SELECT rail, currency, balance, entries FROM balances ORDER BY rail, currency`

	insertTimer  query = `INSERT INTO timers (ref, what, rail, due, soft, owner) VALUES ($1, $2, $3, $4, $5, $6)`
	dropTimer    query = `DELETE FROM timers WHERE ref = $1 AND what = $2`
	dueTimers    query = `SELECT ref, what FROM timers WHERE rail = $1 AND ` + ours + ` AND due <= $3 ORDER BY due, ref LIMIT $4`
	hurryTimers  query = `UPDATE timers SET due = $1 WHERE rail = $2 AND soft = 1 AND due > $3 AND due < $4`
	countHurried query = `SELECT COUNT(*) FROM timers WHERE rail = $1 AND soft = 1 AND due > $2 AND due < $3`
	nextTimer    query = `SELECT MIN(due) FROM timers WHERE rail = $1`
	nextOurTimer query = `SELECT MIN(due) FROM timers WHERE rail = $1 AND ` + ours
	countTimers  query = `SELECT COUNT(*) FROM timers WHERE rail = $1 AND due <= $2`

	insertNotice query = `INSERT INTO notices (seq, id, rail, ref, result, at, due, copies, owner, attempts, delivered, arrival)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10)`
	dueNotices query = `SELECT seq, id, ref, result, at, copies, attempts, arrival FROM notices
		WHERE delivered = 0 AND rail = $1 AND ` + ours + ` AND due <= $3 ORDER BY due, seq LIMIT $4`
	saveNotice    query = `UPDATE notices SET due = $1, copies = $2, attempts = $3, delivered = $4 WHERE seq = $5 AND delivered = 0`
	nextNotice    query = `SELECT MIN(due) FROM notices WHERE delivered = 0 AND rail = $1`
	nextOurNotice query = `SELECT MIN(due) FROM notices WHERE delivered = 0 AND rail = $1 AND ` + ours
	countNotices  query = `SELECT COUNT(*) FROM notices WHERE delivered = 0 AND rail = $1 AND due <= $2`

	accountByRef    query = `SELECT ref, rail, number, name, currency, chain, bank_code, bank_name, opened FROM accounts WHERE ref = $1`
	accountByNumber query = `SELECT ref, rail, number, name, currency, chain, bank_code, bank_name, opened FROM accounts WHERE number = $1`
	insertAccount   query = `INSERT INTO accounts (ref, rail, number, name, currency, chain, bank_code, bank_name, opened)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	transferByRef  query = `SELECT account, rail, stage, body FROM transfers WHERE ref = $1`
	transfersOf    query = `SELECT ref FROM transfers WHERE account = $1 ORDER BY ref`
	insertTransfer query = `INSERT INTO transfers (ref, account, rail, stage, body) VALUES ($1, $2, $3, $4, $5)`
	saveTransfer   query = `UPDATE transfers SET stage = $1, body = $2 WHERE ref = $3 AND stage = $4`

	takeTurn   query = `SELECT name FROM turns FOR UPDATE`                               // PostgreSQL alone
	stillTaken query = `SELECT ref FROM instructions WHERE ref = ANY($1) AND state = $2` // the same
	beatNode   query = `INSERT INTO nodes (name, beats) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET beats = nodes.beats + 1`
	listNodes  query = `SELECT name, beats FROM nodes`
	buryNode   query = `DELETE FROM nodes WHERE name = $1 AND beats = $2`
	leaveNode  query = `DELETE FROM nodes WHERE name = $1`

	listRails  query = `SELECT name, personality, seed, down_until FROM rails ORDER BY name`
	loadRail   query = `SELECT name, personality, seed, down_until FROM rails WHERE name = $1`
	insertRail query = `INSERT INTO rails (name, personality, seed, down_until) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING`
	saveRail   query = `UPDATE rails SET personality = $1, seed = $2, down_until = $3 WHERE name = $4`
)

// clearAll empties every table; the rails are set up again after it.
func clearAll() []query {
	var out []query
	for table := range strings.FieldsSeq("instructions entries balances counters timers notices rails accounts transfers") {
		out = append(out, query("DELETE FROM "+table))
	}
	return out
}
