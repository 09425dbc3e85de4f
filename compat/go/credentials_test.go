package compat

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// attempts are more than anybody may guess wrongly.
const attempts = 25

// counting tells which requests to the token endpoint had their credentials in a header.
type counting struct {
	base          http.RoundTripper
	basic, inBody int
}

func (c *counting) RoundTrip(request *http.Request) (*http.Response, error) {
	if strings.HasSuffix(request.URL.Path, "/oauth/token") {
		if _, _, ok := request.BasicAuth(); ok {
			c.basic++
		} else {
			c.inBody++
		}
	}
	return c.base.RoundTrip(request)
}

// The client does not know how an application authenticates: it tries HTTP Basic, and repeats with
// the secret in the body if that is refused (RFC 6749 §2.3.1). A client made anew begins anew.
func TestClientCredentialsBasicThenBody(t *testing.T) {
	house := start(t)
	for _, method := range []string{"client_secret_basic", "client_secret_post"} {
		t.Run(method, func(t *testing.T) {
			application := house.application(t, method)
			seen := &counting{base: house.http.Transport}
			ctx := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Transport: seen})
			for range attempts {
				if _, err := application.config(house).Token(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if seen.basic != attempts {
				t.Errorf("%d of %d began with HTTP Basic", seen.basic, attempts)
			}
			if misses := seen.inBody; method == "client_secret_basic" && misses != 0 {
				t.Errorf("HTTP Basic was refused %d times", misses)
			}
		})
	}
}

func TestTokensManageTheTenant(t *testing.T) {
	house := start(t)
	var page struct {
		Total   int              `json:"total"`
		Clients []map[string]any `json:"clients"`
	}
	house.call(t, "GET", "clients?include_totals=true&per_page=1", "", &page)
	if page.Total < 2 || len(page.Clients) != 1 {
		t.Errorf("a page of one: %+v", page)
	}
}

type application struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// application makes one that authenticates in this way, and lets it read applications.
func (s *server) application(t *testing.T, method string) application {
	t.Helper()
	var made application
	body := `{"name":"Go","app_type":"non_interactive","token_endpoint_auth_method":"` + method + `"}`
	s.call(t, "POST", "clients", body, &made)
	grant := `{"client_id":"` + made.ID + `","audience":"` + s.ManagementAudience + `","scope":["read:clients"]}`
	s.call(t, "POST", "client-grants", grant, nil)
	return made
}

func (a application) config(s *server) *clientcredentials.Config {
	return &clientcredentials.Config{
		ClientID:       a.ID,
		ClientSecret:   a.Secret,
		TokenURL:       s.Issuer + "oauth/token",
		EndpointParams: map[string][]string{"audience": {s.ManagementAudience}},
	}
}

// call makes a request of the Management API with the seeded application.
func (s *server) call(t *testing.T, method, path, body string, into any) {
	t.Helper()
	seeded := s.Clients["management"]
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, s.http)
	client := application{seeded.ID, seeded.Secret}.config(s).Client(ctx)
	request, err := http.NewRequest(method, s.ManagementAudience+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode > 299 {
		t.Fatalf("%s %s: %s", method, path, answer.Status)
	}
	if into != nil {
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
}
