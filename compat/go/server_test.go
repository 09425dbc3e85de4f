// Package compat looks at Housekey through Go's own OAuth client.
package compat

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const startLimit = time.Minute

// server is a throw-away `housekey dev --tls`, stopped when the test ends.
type server struct {
	Issuer             string `json:"issuer"`
	ManagementAudience string `json:"management_audience"`
	Clients            map[string]struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	} `json:"clients"`
	http *http.Client
}

func start(t *testing.T) *server {
	t.Helper()
	binary := os.Getenv("HOUSEKEY_BIN")
	if binary == "" {
		binary = "../../target/release/housekey"
	}
	folder := t.TempDir()
	command := exec.Command(binary, "dev", "--tls", "--listen", "127.0.0.1:0", "--data", folder)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	})
	text := waitFor(t, filepath.Join(folder, "dev.json"))
	running := &server{}
	if err := json.Unmarshal(text, running); err != nil {
		t.Fatal(err)
	}
	authority, err := os.ReadFile(filepath.Join(folder, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
	running.http = &http.Client{Transport: transport}
	return running
}

func waitFor(t *testing.T, file string) []byte {
	t.Helper()
	for limit := time.Now().Add(startLimit); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		if text, err := os.ReadFile(file); err == nil && json.Valid(text) {
			return text
		}
	}
	t.Fatalf("%s is not there", file)
	return nil
}
