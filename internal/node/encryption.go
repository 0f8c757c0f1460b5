package node

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/world"
)

const (
	encryptionLabel = "card-encryption-key"
	// firstEncryptionKey is the setting that names the key which was made by itself.
	firstEncryptionKey = "first_encryption_key"
)

// keyring reads the environment's card encryption keys, and makes the first one.
func (n *Node) keyring(ctx context.Context, clock world.Clock) (*vault.Keyring, error) {
	keys, err := n.encryptionKeys(ctx)
	if err == nil && keys.Current == "" {
		err = n.addEncryptionKey(ctx, func(tx store.Tx, id string) error { return tx.ClaimSetting(firstEncryptionKey, id) })
		if err == nil || store.Lost(err, "claim_setting") { // lost: another process has just made it
			keys, err = n.encryptionKeys(ctx)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("card encryption keys: %w", err)
	}
	var exempt []string
	if n.Bank != nil {
		for _, card := range n.Bank.Catalogue().Cards {
			exempt = append(exempt, card.CardNumber)
		}
	}
	return vault.NewKeyring(n.Secret, keys, exempt)
}

func (n *Node) encryptionKeys(ctx context.Context) (keys vault.Keys, err error) {
	var rows []store.EncryptionKey
	err = n.store.Read(ctx, func(v store.View) (err error) {
		rows, err = v.EncryptionKeys()
		return err
	})
	for _, row := range rows {
		sealed, err := base64.StdEncoding.DecodeString(row.Sealed)
		if err != nil {
			return keys, err
		}
		plain, err := n.Secret.OpenAtRest(encryptionLabel, sealed)
		if err != nil {
			return keys, fmt.Errorf("%w: was the server secret changed?", err)
		}
		if row.RetiredAt == nil {
			keys.Current = string(plain)
		} else {
			keys.Retired = append(keys.Retired, vault.RetiredKey{Key: string(plain), At: *row.RetiredAt})
		}
	}
	return keys, err
}

func (n *Node) addEncryptionKey(ctx context.Context, also func(tx store.Tx, id string) error) error {
	plain, err := vault.NewEncryptionKey(world.Entropy)
	if err != nil {
		return err
	}
	sealed, err := n.Secret.SealAtRest(encryptionLabel, []byte(plain), world.Entropy)
	if err != nil {
		return err
	}
	row := store.EncryptionKey{ID: id.Maker{Now: world.RealNow, Entropy: world.Entropy}.New(),
		Sealed: base64.StdEncoding.EncodeToString(sealed), CreatedAt: world.RealNow()}
	return n.store.Write(ctx, func(tx store.Tx) error { return errors.Join(also(tx, row.ID), tx.AddEncryptionKey(row)) })
}

// RotateEncryptionKey makes a new card encryption key; the present one is accepted
// for 24 hours more. Servers on PostgreSQL take it up at once, one on SQLite when it
// starts again.
func (n *Node) RotateEncryptionKey(ctx context.Context) error {
	if err := n.addEncryptionKey(ctx, func(store.Tx, string) error { return nil }); err != nil {
		return err
	}
	keys, err := n.encryptionKeys(ctx)
	if err != nil {
		return err
	}
	return n.Engine.Keyring.Replace(keys)
}
