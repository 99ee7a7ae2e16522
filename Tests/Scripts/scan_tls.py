"""Lets a TLS scanner look at the explicit and the implicit listener and prints every finding that is not as it must be.

    python3 Tests/Scripts/scan_tls.py testssl|sslscan|sslyze|nmap --explicit HOST:PORT --implicit HOST:PORT --authority ca.pem

The exit code is 1 when there is a finding or a scanner said nothing of what it must have looked at.
"""
import argparse
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

LIMIT_SECONDS = 110
# A package of its own folder, because it wants other versions than the rest; see scripts/setup.
SSLYZE = pathlib.Path(__file__).resolve().parents[2] / ".build-python-sslyze/bin/sslyze"


def run(*words):
    result = subprocess.run([str(word) for word in words], capture_output=True, timeout=LIMIT_SECONDS, stdin=subprocess.DEVNULL)
    return result.stdout.decode(errors="replace") + result.stderr.decode(errors="replace")


# What testssl.sh says about itself, the machine or the network: the certificate of a test is of a private authority, which publishes no
# revocations, for a name without DNS. Resumption it tries with a time limit of its own, and sslyze takes a ticket for resumed only when it gets
# the same one back, while the server renews it: SessionLifetimeTests look at that.
NOT_THE_SERVER = {"engine_problem", "service", "cert_revocation", "DNS_CAArecord", "sessionresumption_ticket", "sessionresumption_ID"}


def testssl(address, is_implicit, authority, folder):
    report = folder / "testssl.json"
    starttls = [] if is_implicit else ["--starttls", "ftp"]
    run("testssl", *starttls, "--quiet", "--color", 0, "--warnings", "off", "--ip", "one", "-p", "-s", "-f", "-S", "-U", "--add-ca", authority, "--jsonfile", report, address)
    found = {entry["id"]: entry for entry in json.loads(report.read_text())}
    for name in ["SSLv2", "TLS1_2", "TLS1_3", "cipherlist_NULL", "PFS", "heartbleed", "CCS", "ROBOT", "secure_client_renego", "CRIME_TLS", "POODLE_SSL", "SWEET32", "DROWN", "LUCKY13", "RC4"]:
        if name not in found:
            yield f"{name} was not looked at"
    for entry in found.values():
        if entry["severity"] not in ("OK", "INFO") and entry["id"] not in NOT_THE_SERVER:
            yield f"{entry['id']}: {entry['severity']}: {entry['finding']}"


def sslscan(address, is_implicit, authority, folder):
    report = folder / "sslscan.xml"
    run("sslscan", *([] if is_implicit else ["--starttls-ftp"]), "--no-failed", f"--xml={report}", address)
    scan = xml.etree.ElementTree.parse(report).find("ssltest")
    enabled = {(node.get("type"), node.get("version")) for node in scan.iter("protocol") if node.get("enabled") == "1"}
    if enabled != {("tls", "1.2"), ("tls", "1.3")}:
        yield f"enabled are {sorted(enabled)}"
    for name, attribute in [("heartbleed", "vulnerable"), ("renegotiation", "supported"), ("compression", "supported")]:
        for node in scan.iter(name):
            if node.get(attribute) != "0":
                yield f"{name}: {node.attrib}"
    ciphers = list(scan.iter("cipher"))
    if len(ciphers) < 4:
        yield f"only {len(ciphers)} cipher suites were found"
    for node in ciphers:
        if node.get("strength") not in ("strong", "acceptable") or int(node.get("bits")) < 128:
            yield f"cipher suite {node.attrib}"
    for node in scan.iter("group"):
        if int(node.get("bits")) < 128:
            yield f"group {node.attrib}"


def sslyze(address, is_implicit, authority, folder):
    report = folder / "sslyze.json"
    checks = "sslv2 sslv3 tlsv1 tlsv1_1 tlsv1_2 tlsv1_3 compression reneg robot heartbleed openssl_ccs fallback elliptic_curves resum ems".split()
    output = run(SSLYZE, *([] if is_implicit else ["--starttls=ftp"]), f"--json_out={report}", *[f"--{check}" for check in checks], address)
    if not report.exists():
        yield output
        return
    scan = json.loads(report.read_text())["server_scan_results"][0]
    if scan["scan_status"] != "COMPLETED":
        yield f"the scan is {scan['scan_status']}"
        return
    result = {name: part["result"] for name, part in scan["scan_result"].items() if part["status"] == "COMPLETED"}
    for name in ["ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1"]:
        if result[f"{name}_cipher_suites"]["is_tls_version_supported"]:
            yield f"{name} is supported"
    for name in ["tls_1_2", "tls_1_3"]:
        suites = [entry["cipher_suite"]["name"] for entry in result[f"{name}_cipher_suites"]["accepted_cipher_suites"]]
        if not suites:
            yield f"{name} has no cipher suite"
        for suite in suites:
            if not re.fullmatch(r"(TLS|TLS_ECDHE_ECDSA_WITH|TLS_ECDHE_RSA_WITH)_(AES_(128|256)_GCM_SHA(256|384)|CHACHA20_POLY1305_SHA256)", suite):
                yield f"cipher suite {suite}"
    for part, key, wanted in [
        ("tls_compression", "supports_compression", False),
        ("openssl_ccs_injection", "is_vulnerable_to_ccs_injection", False),
        ("heartbleed", "is_vulnerable_to_heartbleed", False),
        ("session_renegotiation", "is_vulnerable_to_client_renegotiation_dos", False),
        ("tls_fallback_scsv", "supports_fallback_scsv", True),
        ("tls_extended_master_secret", "supports_ems_extension", True),
        ("robot", "robot_result", "NOT_VULNERABLE_RSA_NOT_SUPPORTED"),
    ]:
        if part not in result or result[part][key] != wanted:
            yield f"{part}: {result.get(part)}"


def nmap(address, is_implicit, authority, folder):
    host, port = address.rsplit(":", 1)
    scripts = "+ssl-enum-ciphers" if is_implicit else "+ftp-anon,+ftp-bounce"
    output = run("nmap", "-Pn", "-n", "-p", port, "--script", scripts, host)
    if f"{port}/tcp open" not in output:
        yield output
    if is_implicit and "least strength: A" not in output:
        yield output
    if "Anonymous FTP login allowed" in output or "bounce working" in output:
        yield output


SCANNERS = {function.__name__: function for function in [testssl, sslscan, sslyze, nmap]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scanner", choices=SCANNERS)
    for name in ["explicit", "implicit", "authority"]:
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    if not (SSLYZE.exists() if arguments.scanner == "sslyze" else shutil.which(arguments.scanner)):
        sys.exit(f"{arguments.scanner} is not installed: run scripts/setup test")
    scanner = SCANNERS[arguments.scanner]

    def scan(mode):
        with tempfile.TemporaryDirectory(prefix="scan-tls-") as folder:
            return [f"{mode}: {finding}" for finding in scanner(getattr(arguments, mode), mode == "implicit", arguments.authority, pathlib.Path(folder))]

    with concurrent.futures.ThreadPoolExecutor() as pool:
        findings = [finding for part in pool.map(scan, ["explicit", "implicit"]) for finding in part]
    print("\n".join(findings))
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
