"""Starting, stopping, restarting, and the command line."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from practice_client import Client

from xlkijiji.practice import PortTakenError, PracticeSite


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_restart_loses_neither_ads_nor_sessions(tmp_path: Path) -> None:
    with PracticeSite(tmp_path, upload_seconds=0) as site:
        client = Client(site)
        client.sign_in()
        client.post_ad()
        before, ports = site.ads(), (port_of(site.url), port_of(site.sign_in_url))
    with PracticeSite(tmp_path, port=ports[0], sign_in_port=ports[1]) as site:
        client.site = site
        assert site.ads() == before
        assert client.get("/m-my-ads/active/1").url == site.url + "/m-my-ads/active/1"
        assert client.get(before[0]["photos"][0]["url"]).status == 200


def test_stop_closes_both_ports_and_may_be_said_twice(tmp_path: Path) -> None:
    site = PracticeSite(tmp_path).start()
    ports = [port_of(site.url), port_of(site.sign_in_url)]
    assert all(is_open(port) for port in ports)
    site.stop()
    site.stop()
    assert not any(is_open(port) for port in ports)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with PracticeSite(tmp_path / "one") as site, pytest.raises(PortTakenError, match="in use by another program"):
        PracticeSite(tmp_path / "two", sign_in_port=port_of(site.url)).start()


def test_a_home_location_must_be_a_place(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a location"):
        PracticeSite(tmp_path, home_location=9004)


def test_without_a_home_location_one_is_needed(tmp_path: Path) -> None:
    with PracticeSite(tmp_path, home_location=None, upload_seconds=0) as site:
        client = Client(site)
        client.sign_in()
        answer = client.submit(client.form(245) | {"locationId": "", "location": "Ottawa"})
        assert "location is needed" in answer.errors["location"]


def test_the_site_listens_on_loopback_only(site: PracticeSite) -> None:
    listening = Path("/proc/net/tcp").read_text().splitlines()
    for url in (site.url, site.sign_in_url):
        port = f"{port_of(url):04X}"
        assert [line.split()[1] for line in listening if re.search(rf":{port} 00000000:0000 0A", line)] == [
            f"0100007F:{port}"
        ]


def test_health_tells_both_addresses(site: PracticeSite, visitor: Client) -> None:
    answer = visitor.get("/practice/health").json
    assert answer == {"ok": True, "url": site.url, "sign_in_url": site.sign_in_url, "ads": 0}


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path, stop: signal.Signals) -> None:
    command = [sys.executable, "-m", "xlkijiji.practice", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert url is not None
        assert is_open(port_of(url[0]))
        process.send_signal(stop)
        assert process.wait() == 0
        assert process.stdout.read() == ""


def test_the_command_ends_when_nobody_asks_for_pages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "xlkijiji.practice", "--data-dir", str(tmp_path), "--idle-exit", "0.001"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("The practice site")


def test_the_command_says_when_a_port_is_taken(tmp_path: Path, site: PracticeSite) -> None:
    command = [sys.executable, "-m", "xlkijiji.practice", "--data-dir", str(tmp_path), "--port", site.url[-5:]]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "in use by another program" in result.stderr
    assert "Traceback" not in result.stderr
