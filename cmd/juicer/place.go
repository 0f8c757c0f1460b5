package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/copying"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/world"
)

// place is where an installation keeps its data; every command that works on it
// takes these flags.
type place struct {
	Data       string `help:"Directory of the databases and the server secret." default:"./data" type:"path"`
	Database   string `help:"Use this PostgreSQL database instead of files: postgres://user:password@host:5432/name. Several servers may share it." placeholder:"URL"`
	SecretFile string `help:"File with the server secret (at least 32 bytes). Default: the file secret in --data, made at first start." type:"path"`
	Secret     string `help:"The server secret itself; better from the environment (JUICER_SECRET)." hidden:""`
}

const (
	secretBytes = 32
	privateFile = 0o600
	privateDir  = 0o700
)

// secret reads the server secret, and makes it at first start.
func (p place) secret() (vault.Secret, error) {
	if p.Secret != "" {
		return vault.NewSecret([]byte(p.Secret))
	}
	if p.SecretFile != "" {
		raw, err := os.ReadFile(p.SecretFile)
		if err != nil {
			return vault.Secret{}, fmt.Errorf("read --secret-file: %w", err)
		}
		return vault.NewSecret(bytes.TrimRight(raw, "\r\n")) // editors end files with a newline
	}
	if err := os.MkdirAll(p.Data, privateDir); err != nil {
		return vault.Secret{}, fmt.Errorf("make --data: %w", err)
	}
	raw, err := firstSecret(filepath.Join(p.Data, "secret"))
	if err != nil {
		return vault.Secret{}, fmt.Errorf("server secret: %w", err)
	}
	return vault.NewSecret(raw)
}

// firstSecret reads the file or makes it. Two processes that start together agree:
// the file appears whole, by a link that only the first can make.
func firstSecret(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return raw, err
	}
	raw = make([]byte, secretBytes)
	if _, err := io.ReadFull(world.Entropy, raw); err != nil {
		return nil, err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), "secret-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(raw)
	if err = errors.Join(err, draft.Chmod(privateFile), draft.Sync(), draft.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// stays refuses to work on files that were copied to PostgreSQL: what is done here would
// be missing there.
func (p place) stays() error {
	if p.Database != "" {
		return nil
	}
	return copying.Moved(p.Data)
}

// open wires an environment for a command that does not serve it.
func (p place) open(ctx context.Context, env access.Env) (*node.Node, error) {
	if err := p.stays(); err != nil {
		return nil, err
	}
	secret, err := p.secret()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.Data, privateDir); err != nil {
		return nil, fmt.Errorf("make --data: %w", err)
	}
	return node.Open(ctx, node.Config{Env: env, Data: p.Data, Database: p.Database, Secret: secret, PublicURL: "http://127.0.0.1",
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Settings: engine.DefaultSettings()})
}

// existing is with for commands that look at what is there: they make nothing.
func (p place) existing(ctx context.Context, env access.Env, work func(*node.Node) error) error {
	if err := node.Exists(ctx, env, p.Data, p.Database); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(p.Data, "secret")); err != nil && p.Secret == "" && p.SecretFile == "" {
		return fmt.Errorf("there is no server secret in %s: copy the file secret beside the databases, or name it with --secret-file", p.Data)
	}
	return p.with(ctx, env, work)
}

// with opens an environment, hands it over, and closes it.
func (p place) with(ctx context.Context, env access.Env, work func(*node.Node) error) error {
	n, err := p.open(ctx, env)
	if err != nil {
		return err
	}
	return errors.Join(work(n), n.Close())
}
