"""Which addresses may be told, in every notation that somebody has thought of."""

from ipaddress import ip_address

import pytest

from schemas.errors import RefusedTargetError, SettingsError
from schemas.settings import Settings
from workers.webhooks import targets
from workers.webhooks.targets import Target

STRICT = Settings()
LAX = Settings(webhook_allow_http=True, webhook_allow_networks="127.0.0.0/8, ::1/128,10.1.0.0/16")

REFUSED = {
    # Schemes and forms
    "http://example.com/": "only `https://`",
    "ftp://example.com/": "only `https://`",
    "file:///etc/passwd": "only `https://`",
    "gopher://example.com:70/_x": "only `https://`",
    "javascript:alert(1)": "form",
    "//example.com/": "form",
    "example.com": "form",
    "": "form",
    "https:/example.com/": "form",
    "https:example.com": "form",
    "https://": "not a host",
    "https:///path": "not a host",
    "https://:443/": "not a host",
    "https://example.com:0/": "not a port",
    "https://example.com:65536/": "not a port",
    "https://example.com:https/": "not a host",
    "https://example.com:1:2/": "not a host",
    "https://example.com/#": "fragment",
    "https://example.com/a#b": "fragment",
    "https://user@example.com/": "user name",
    "https://user:secret@example.com/": "user name",
    "https://@example.com/": "user name",
    "https://example.com@127.0.0.1/": "user name",
    "https://127.0.0.1\\@example.com/": "characters",
    "https://example.com\\@127.0.0.1/": "characters",
    "https://exa mple.com/": "characters",
    " https://example.com/": "characters",
    "https://example.com/\r\nX: y": "characters",
    "https://exam\tple.com/": "characters",
    "https://example.com/\x00": "characters",
    "https://example.com/" + "a" * 2048: "2,048",
    "https://exämple.com/": "xn--",
    # IPv4
    "https://127.0.0.1/": "public",
    "https://127.0.0.1:8443/": "public",
    "https://127.255.255.254/": "public",
    "https://0.0.0.0/": "public",
    "https://10.0.0.1/": "public",
    "https://172.16.0.1/": "public",
    "https://172.31.255.255/": "public",
    "https://192.168.1.1/": "public",
    "https://169.254.169.254/latest/meta-data/": "public",
    "https://169.254.170.2/v2/credentials": "public",
    "https://168.63.129.16/": "public",
    "https://100.64.0.1/": "public",
    "https://100.100.100.200/latest/meta-data/": "public",
    "https://192.0.0.192/": "public",
    "https://192.0.2.1/": "public",
    "https://192.88.99.1/": "public",
    "https://198.18.0.1/": "public",
    "https://198.51.100.1/": "public",
    "https://203.0.113.1/": "public",
    "https://224.0.0.1/": "public",
    "https://239.255.255.250/": "public",
    "https://240.0.0.1/": "public",
    "https://255.255.255.255/": "public",
    # IPv4, otherwise written
    "https://2130706433/": "not an address",
    "https://0x7f000001/": "not an address",
    "https://0x7f.0.0.1/": "not an address",
    "https://0X7F.0.0.0X1/": "not an address",
    "https://0177.0.0.1/": "not an address",
    "https://017700000001/": "not an address",
    "https://127.1/": "not an address",
    "https://127.0.1/": "not an address",
    "https://127.0.0.1./": "not an address",
    "https://127.0.0.01/": "not an address",
    "https://127.0.0.0x1/": "not an address",
    "https://0/": "not an address",
    "https://0x/": "not an address",
    "https://256.0.0.1/": "not an address",
    "https://1.2.3.4.5/": "not an address",
    "https://foo.127.0.0.1/": "not an address",
    "https://8.8.2056/": "not an address",
    "https://127%2E0%2E0%2E1/": "not the name",
    "https://%31%32%37.0.0.1/": "not an address",
    "https://127。0。0。1/": "characters",
    "https://①②⑦.0.0.1/": "characters",
    "https://\uff11\uff12\uff17.0.0.1/": "characters",
    # IPv6
    "https://[::1]/": "public",
    "https://[::]/": "public",
    "https://[0:0:0:0:0:0:0:1]/": "public",
    "https://[0000:0000:0000:0000:0000:0000:0000:0001]:8443/": "public",
    "https://[::ffff:127.0.0.1]/": "public",
    "https://[::ffff:7f00:1]/": "public",
    "https://[::ffff:169.254.169.254]/": "public",
    "https://[::127.0.0.1]/": "public",
    "https://[::ffff:0:127.0.0.1]/": "public",
    "https://[64:ff9b::10.0.0.1]/": "public",
    "https://[64:ff9b::8.8.8.8]/": "public",
    "https://[64:ff9b:1::1]/": "public",
    "https://[2002:7f00:1::]/": "public",
    "https://[2002:808:808::1]/": "public",
    "https://[2001::1]/": "public",
    "https://[2001:0:7f00:1::]/": "public",
    "https://[2001:10::1]/": "public",
    "https://[2001:db8::1]/": "public",
    "https://[3fff::1]/": "public",
    "https://[5f00::1]/": "public",
    "https://[100::1]/": "public",
    "https://[fe80::1]/": "public",
    "https://[fec0::1]/": "public",
    "https://[fc00::1]/": "public",
    "https://[fd00:ec2::254]/": "public",
    "https://[ff02::1]/": "public",
    "https://[fe80::1%25eth0]/": "zone",
    "https://[fe80::1%eth0]/": "zone",
    "https://[2606:4700::1%251]/": "zone",
    "https://[v1.fe80::1]/": "not an address",
    "https://[127.0.0.1]/": "not an address",
    "https://[example.com]/": "not an address",
    "https://[]/": "not an address",
    "https://[::1/": "not a host",
    "https://::1/": "not a host",
    "https://[::1]example.com/": "not a host",
    # Names
    "https://localhost/": "inside of a network",
    "https://LOCALHOST/": "inside of a network",
    "https://receiver:9000/": "inside of a network",
    "https://a.localhost/": "inside of a network",
    "https://printer.local/": "inside of a network",
    "https://metadata.google.internal/computeMetadata/v1/": "inside of a network",
    "https://router.home.arpa/": "inside of a network",
    "https://localhost./": "not the name",
    "https://example.com./": "not the name",
    "https://example..com/": "not the name",
    "https://.example.com/": "not the name",
    "https://-example.com/": "not the name",
    "https://" + "a" * 64 + ".com/": "not the name",
    "https://" + "a." * 127 + "com/": "not the name",
    "https://exa$mple.com/": "not the name",
}

ALLOWED = {
    "https://example.com": Target("https", "example.com", 443, "/"),
    "https://example.com?a=1": Target("https", "example.com", 443, "/?a=1"),
    "HTTPS://Example.COM:8443/A/b?c=d%20e": Target("https", "example.com", 8443, "/A/b?c=d%20e"),
    "https://xn--exmple-cua.com/": Target("https", "xn--exmple-cua.com", 443, "/"),
    "https://hooks_1.example.com/": Target("https", "hooks_1.example.com", 443, "/"),
    "https://0x7f.example.com/": Target("https", "0x7f.example.com", 443, "/"),
    "https://127.0.0.1.example.com/": Target("https", "127.0.0.1.example.com", 443, "/"),
    "https://8.8.8.8/": Target("https", "8.8.8.8", 443, "/"),
    "https://172.32.0.1/": Target("https", "172.32.0.1", 443, "/"),
    "https://100.128.0.1/": Target("https", "100.128.0.1", 443, "/"),
    "https://[2606:4700:0:0::1111]/": Target("https", "2606:4700::1111", 443, "/"),
    "https://[::ffff:8.8.8.8]/": Target("https", "::ffff:808:808", 443, "/"),
    "https://example.com/@user/x@y": Target("https", "example.com", 443, "/@user/x@y"),
}


@pytest.mark.parametrize(("url", "reason"), REFUSED.items())
def test_refused(url: str, reason: str) -> None:
    with pytest.raises(RefusedTargetError) as refusal:
        targets.check(url, STRICT)
    assert reason in str(refusal.value)
    assert refusal.value.code == "refused_target"


@pytest.mark.parametrize(("url", "target"), ALLOWED.items())
def test_allowed(url: str, target: Target) -> None:
    assert targets.check(url, STRICT) == target


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "http://127.0.0.1:9000/",
        "http://[::1]:9000/",
        "http://[::ffff:127.0.0.1]:9000/",
        "http://localhost:9000/",
        "https://10.1.2.3/",
        "http://receiver:9000/",
    ],
)
def test_allowed_by_the_settings(url: str) -> None:
    targets.check(url, LAX)


@pytest.mark.parametrize(
    "url", ["http://10.2.0.1/", "http://[64:ff9b::127.0.0.1]/", "http://127.1/", "http://169.254.169.254/"]
)
def test_the_settings_allow_what_they_name_and_nothing_else(url: str) -> None:
    with pytest.raises(RefusedTargetError):
        targets.check(url, LAX)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("64:ff9b::a00:1", False),
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
    ],
)
def test_the_addresses_that_names_have(address: str, allowed: bool) -> None:
    assert targets.is_allowed(ip_address(address), STRICT) is allowed


@pytest.mark.parametrize(
    ("target", "authority"),
    [
        (Target("https", "example.com", 443, "/"), "example.com"),
        (Target("http", "example.com", 443, "/"), "example.com:443"),
        (Target("https", "2606:4700::1", 443, "/"), "[2606:4700::1]"),
        (Target("https", "2606:4700::1", 8443, "/"), "[2606:4700::1]:8443"),
    ],
)
def test_the_host_header(target: Target, authority: str) -> None:
    assert target.authority == authority


@pytest.mark.parametrize("value", ["localhost", "127.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8;::1"])
def test_networks_that_are_none_are_told_at_the_start(value: str) -> None:
    with pytest.raises(SettingsError, match="TOCSIN_WEBHOOK_ALLOW_NETWORKS"):
        Settings.from_environment({"TOCSIN_WEBHOOK_ALLOW_NETWORKS": value})
