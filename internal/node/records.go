package node

import (
	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/store"
)

// Records are the databases of an environment: its store, and in test the bank's own.
func Records(env access.Env) []migration.Record {
	if env == access.Live {
		return []migration.Record{storeOf(env)}
	}
	return []migration.Record{storeOf(env), bankRecord()}
}

func storeOf(env access.Env) migration.Record {
	return migration.Record{Name: string(env), File: string(env) + ".db", Schema: "juicer_" + string(env), Steps: store.Migrations()}
}

func bankRecord() migration.Record {
	return migration.Record{Name: "bank", File: "bank.db", Schema: scripted.Schema, Steps: scripted.Migrations()}
}
