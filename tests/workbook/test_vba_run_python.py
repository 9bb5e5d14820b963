"""Post New with Windows' and with the Mac's constants: the command that xlwings' RunPython starts, and what is shown.

All of XlKijiji.bas, and all that RunPython reaches of xlwings.bas, is run by pyopenvba's interpreter. Not covered: the
UDF server's calls into xlwings' DLL, which RunPython takes only when the setting USE UDF SERVER is on, and conda's
settings. Of the Mac, AppleScript itself is not run: the script's text is followed, and its shell line run by a shell.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from command_lines import mac_shell_line, shell_words, windows_words, write_recorder
from excel_stand_in import Mac, Machine

from xlkijiji import addin
from xlkijiji.messages import tell
from xlkijiji.workbook.template import build_workbook

COMMITTED = Path(__file__).parents[2] / "workbook_template.xlsm"
STARTING = "xlkijiji: starting..."
WINDOWS_PYTHON = r"C:\Users\Zoé Roy\AppData\Local\xlkijiji\pythonw.exe"
MAC_SCRIPT = "Library/Application Scripts/com.microsoft.Excel/xlwings-0.37.8.applescript"


def windows(folder: str = r"C:\Users\Zoé Roy\Documents", book: str = "inventory.xlsm", **more: object) -> Machine:
    """A PC on which the installer has been run."""
    machine = Machine(
        folder,
        book,
        environment={"USERPROFILE": r"C:\Users\Zoé Roy", "TEMP": r"C:\Users\Zoé Roy\AppData\Local\Temp"},
        **more,  # type: ignore[arg-type]  # the fields of Machine
    )
    machine.files[r"C:\Users\Zoé Roy\.xlwings\xlwings.conf"] = f'"INTERPRETER_WIN","{WINDOWS_PYTHON}"\n'
    machine.files[WINDOWS_PYTHON] = ""
    return machine


def mac(folder: str = "/Users/zoé/Documents", book: str = "inventory.xlsm", home: Path = Path("/Users/zoé")) -> Mac:
    """A Mac on which the installer has been run, with `xlwings runpython install`, and Python is `python` in `home`."""
    container = home / "Library/Containers/com.microsoft.Excel/Data"
    machine = Mac(folder, book, environment={"HOME": str(container)})
    machine.files[f"{container}/xlwings.conf"] = f'"INTERPRETER_MAC","{home / "python"}"\n'
    machine.files[str(home / MAC_SCRIPT)] = ""
    return machine


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with Excel's container, where the shell writes its log, and the recorder as Python."""
    (tmp_path / "Library/Containers/com.microsoft.Excel/Data").mkdir(parents=True)
    write_recorder(tmp_path / "python")
    return tmp_path


def words_on_mac(machine: Mac, home: Path) -> list[str] | None:
    """The words that a real shell hands to Python, once xlwings' AppleScript has put its line together."""
    return shell_words(mac_shell_line(machine.of_kind("command")[0]), home / "python")


def assert_command_is_ours(words: list[str], machine: Machine) -> None:
    """The words after Python's name: our call, with the workbook's whole path as one literal, and its name."""
    code = words[words.index("-c") + 1]
    path_call, our_import, our_call = ast.parse(code).body[1:]
    path_text = ast.literal_eval(path_call.value.args[0])  # type: ignore[attr-defined]  # an expression statement
    assert path_text.split(";")[1] == machine.full_name
    assert ast.unparse(our_import) == "from xlkijiji import addin"
    assert ast.unparse(our_call) == "addin.post_new()"
    assert f"--wb={machine.book}" in words
    assert "--from_xl=1" in words


NAMES = [
    pytest.param("My Trucks", "inventory 2026.xlsm", id="blanks"),
    pytest.param("R&D & Sons", "stock & co.xlsm", id="ampersands"),
    pytest.param("L'été", "Dealer's 'best'.xlsm", id="apostrophes"),
    pytest.param("Québec – Côté", "été ñ ß 漢字 🚚.xlsm", id="accents"),
    pytest.param("copy (2) [x] {y}", "50% off! #1 @home, + ~x.xlsm", id="other signs"),
]


@pytest.mark.parametrize(("folder", "book"), NAMES)
def test_windows_command(folder: str, book: str) -> None:
    machine = windows(rf"C:\Users\Zoé Roy\{folder}", book)
    machine.click(COMMITTED)
    words = windows_words(machine.of_kind("command")[0], machine.environment)
    assert words[0] == WINDOWS_PYTHON
    assert_command_is_ours(words, machine)
    assert "--hwnd=4711" in words


@pytest.mark.parametrize(("folder", "book"), NAMES)
def test_windows_command_on_a_network_share(folder: str, book: str) -> None:
    machine = windows(rf"\\server\share\{folder}", book)
    machine.click(COMMITTED)
    assert_command_is_ours(windows_words(machine.of_kind("command")[0], machine.environment), machine)


@pytest.mark.parametrize(("folder", "book"), NAMES)
def test_mac_command(folder: str, book: str, home: Path) -> None:
    machine = mac(f"/Users/zoé/{folder}", book, home)
    machine.click(COMMITTED)
    words = words_on_mac(machine, home)
    assert words is not None
    assert_command_is_ours(words, machine)


@pytest.mark.parametrize("machine", [windows(), mac()], ids=["Windows", "Mac"])
def test_status_bar_is_set_first_and_left_to_the_run(machine: Machine) -> None:
    """The click is answered before anything else, and on success the status bar isn't taken back from the worker."""
    machine.click(COMMITTED)
    assert machine.events[0] == ("status bar", STARTING)
    assert machine.of_kind("command")
    assert False not in machine.of_kind("status bar")
    assert machine.of_kind("message") == []


OTHER_BUTTONS = {
    "PostAll": ("post_all", "xlkijiji: Post All...", "nothing is being replaced or posted"),
    "PostSelected": ("post_selected", "xlkijiji: starting...", "nothing is being posted"),
    "SignIn": ("sign_in", "xlkijiji: opening the browser...", "nobody was signed in"),
    "CheckSetup": ("check_setup", "xlkijiji: checking the set-up...", "That is the first thing that is missing"),
}


@pytest.mark.parametrize("macro", OTHER_BUTTONS)
@pytest.mark.parametrize("host", [windows, mac], ids=["Windows", "Mac"])
def test_each_other_button_calls_its_own_function(macro: str, host: Callable[[], Machine]) -> None:
    machine = host()
    machine.call(COMMITTED, macro)
    function, greeting, _failed = OTHER_BUTTONS[macro]
    assert machine.events[0] == ("status bar", greeting)
    (command,) = machine.of_kind("command")
    assert f"addin.{function}()" in command
    assert callable(getattr(addin, function))
    assert machine.of_kind("message") == []


@pytest.mark.parametrize("macro", OTHER_BUTTONS)
def test_each_other_button_that_cannot_start_python_says_what_did_not_happen(macro: str) -> None:
    machine = windows()
    del machine.files[WINDOWS_PYTHON]
    machine.call(COMMITTED, macro)
    kind, message = machine.events[-1]
    assert kind == "message"
    assert OTHER_BUTTONS[macro][2] in message.partition("\r\n")[0]


@pytest.mark.parametrize("machine", [windows(), mac()], ids=["Windows", "Mac"])
def test_check_sheet_calls_python_in_the_same_way(machine: Machine) -> None:
    machine.call(COMMITTED, "CheckSheet")
    assert machine.events[0] == ("status bar", "xlkijiji: checking the sheet...")
    (command,) = machine.of_kind("command")
    assert "addin.check_sheet()" in command
    assert "addin.post_new()" not in command
    assert machine.of_kind("message") == []


def test_check_sheet_that_cannot_start_says_that_nothing_was_checked() -> None:
    machine = windows()
    del machine.files[WINDOWS_PYTHON]
    machine.call(COMMITTED, "CheckSheet")
    kind, message = machine.events[-1]
    assert kind == "message"
    assert message.startswith("xlkijiji could not start, so nothing was checked.")


FRENCH = {
    "PostNew": ("vba-starting", "vba-not-posting"),
    "PostSelected": ("vba-starting", "vba-not-posting"),
    "PostAll": ("vba-post-all", "vba-not-replacing"),
    "CheckSheet": ("vba-checking-sheet", "vba-not-checked"),
    "StopRun": ("vba-stopping", "vba-not-stopped"),
    "SignIn": ("vba-signing-in", "vba-not-signed-in"),
    "CheckSetup": ("vba-checking-setup", "vba-setup-missing"),
}


@pytest.fixture(scope="module")
def french(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("french") / "inventaire.xlsm"
    build_workbook(path, language="fr")
    return path


@pytest.mark.parametrize("macro", FRENCH)
@pytest.mark.parametrize("host", [windows, mac], ids=["Windows", "Mac"])
def test_a_french_workbook_answers_a_click_in_french(macro: str, host: Callable[[], Machine], french: Path) -> None:
    machine = host()
    machine.call(french, macro)
    assert machine.events[0] == ("status bar", tell(FRENCH[macro][0], "fr"))
    assert machine.of_kind("command")
    assert machine.of_kind("message") == []


@pytest.mark.parametrize("macro", FRENCH)
def test_a_french_workbook_says_in_french_what_is_in_the_way(macro: str, french: Path) -> None:
    machine = windows()
    del machine.files[WINDOWS_PYTHON]
    machine.call(french, macro)
    why = tell("vba-python-gone", "fr", program=WINDOWS_PYTHON)
    whole = [tell(FRENCH[macro][1], "fr"), why, tell("vba-reinstall", "fr")]
    assert machine.events[-1] == ("message", "\r\n\r\n".join(whole))


@pytest.mark.parametrize("name", ["a=b", "a%TEMP%b"])
def test_a_french_workbook_says_in_french_what_its_name_may_not_have(name: str, french: Path) -> None:
    machine = windows(book=f"{name}.xlsm")
    machine.call(french, "PostNew")
    what = tell("vba-equals-sign" if "=" in name else "vba-variable", "fr")
    parts = [tell("vba-not-posting", "fr"), tell("vba-bad-name", "fr", what=what), tell("vba-plain-name", "fr")]
    assert machine.events[-1] == ("message", "\r\n\r\n".join(parts))


@pytest.mark.parametrize("machine", [windows(), mac()], ids=["Windows", "Mac"])
def test_stop_calls_python_in_the_same_way(machine: Machine) -> None:
    machine.call(COMMITTED, "StopRun")
    assert machine.events[0] == ("status bar", "xlkijiji: asking the run to stop...")
    (command,) = machine.of_kind("command")
    assert "addin.stop_run()" in command
    assert "addin.post_new()" not in command
    assert machine.of_kind("message") == []


def test_stop_that_cannot_reach_the_run_does_not_say_that_nothing_is_posted() -> None:
    machine = windows()
    del machine.files[WINDOWS_PYTHON]
    machine.call(COMMITTED, "StopRun")
    kind, message = machine.events[-1]
    assert kind == "message"
    assert message.startswith("xlkijiji could not reach the run, so it goes on.")


def assert_says_plainly(machine: Machine, *parts: str) -> None:
    """The last thing shown is our message, and the status bar has been given back."""
    kind, message = machine.events[-1]
    assert kind == "message"
    assert message.startswith("xlkijiji could not start, so nothing is being posted.")
    assert "What to do: " in message
    assert all(part in message for part in parts), message
    assert machine.of_kind("status bar")[-1] is False


def test_python_is_not_where_the_installer_put_it() -> None:
    """RunPython alone would say "Could not find Interpreter!" and report success."""
    machine = windows()
    del machine.files[WINDOWS_PYTHON]
    machine.click(COMMITTED)
    assert machine.of_kind("command") == []
    assert len(machine.of_kind("message")) == 1
    assert_says_plainly(machine, "Python is not where the installer put it", WINDOWS_PYTHON, "xlkijiji doctor")


def test_nothing_is_installed_on_windows() -> None:
    """Without any setting RunPython tries `python`, and Windows doesn't find it."""
    machine = windows(exit_code=9009, complaint="'python' is not recognized as an internal or external command")
    del machine.files[r"C:\Users\Zoé Roy\.xlwings\xlwings.conf"]
    machine.click(COMMITTED)
    assert windows_words(machine.of_kind("command")[0], {})[0] == "python"
    assert "is not recognized" in machine.of_kind("popup")[0]
    assert_says_plainly(machine, "run the xlkijiji installer again", "xlkijiji doctor")


def test_python_ends_with_an_error() -> None:
    machine = windows(exit_code=1, complaint="ModuleNotFoundError: No module named 'xlkijiji'")
    machine.click(COMMITTED)
    assert_says_plainly(machine, "Python stopped with an error", "xlkijiji doctor")


def test_managed_pc_forbids_programs() -> None:
    machine = windows(refuses_programs=True)
    machine.click(COMMITTED)
    assert machine.of_kind("command") == []
    assert_says_plainly(machine, "Python could not be started: Permission denied.", "xlkijiji doctor")


def test_script_is_not_installed_on_the_mac() -> None:
    machine = mac()
    machine.script_installed = False
    del machine.files[f"/Users/zoé/{MAC_SCRIPT}"]
    machine.click(COMMITTED)
    assert machine.of_kind("command") == []
    assert "xlwings runpython install" in machine.of_kind("message")[0]
    assert_says_plainly(machine, "The script that lets Excel start Python is not installed", "xlkijiji doctor")


UNUSABLE_ON_WINDOWS = [
    pytest.param(r"C:\Trucks %TEMP%", "inventory.xlsm", id="variable in the folder"),
    pytest.param(r"C:\Trucks", "%TEMP%.xlsm", id="variable in the name"),
    pytest.param(r"C:\Trucks", "a=b.xlsm", id="equals sign"),
]


@pytest.mark.parametrize(("folder", "book"), UNUSABLE_ON_WINDOWS)
def test_names_that_cannot_work_on_windows(folder: str, book: str) -> None:
    """Post New says so beforehand and starts nothing."""
    machine = windows(folder, book)
    machine.click(COMMITTED)
    assert machine.of_kind("command") == []
    assert_says_plainly(machine, "The name of this workbook, or of its folder, contains", "save the workbook under")


def test_what_a_variable_does_to_the_command_on_windows() -> None:
    """The reason for refusing: xlwings' own VBA leaves %TEMP% to cmd.exe, and Python hears another name."""
    machine = windows(r"C:\Trucks", "%TEMP%.xlsm")
    machine.call(COMMITTED, "RunPython", "import xlkijiji")
    words = windows_words(machine.of_kind("command")[0], machine.environment)
    assert rf"--wb={machine.environment['TEMP']}.xlsm" in words


def test_percent_signs_without_a_variable_are_fine() -> None:
    """Addresses in the cloud are full of them."""
    machine = windows(r"C:\My%20Documents%20and%20more", "inventory.xlsm")
    machine.click(COMMITTED)
    assert_command_is_ours(windows_words(machine.of_kind("command")[0], machine.environment), machine)


def test_a_caret_is_lost_from_the_module_path_only() -> None:
    """xlwings escapes & with ^, and not ^ itself. The path is only looked at for modules, and ours is installed."""
    machine = windows(r"C:\a^b", "c^d.xlsm")
    machine.click(COMMITTED)
    words = windows_words(machine.of_kind("command")[0], machine.environment)
    assert r"C:\\ab\\cd.xlsm" in words[words.index("-c") + 1]
    assert "--wb=c^d.xlsm" in words


UNUSABLE_ON_THE_MAC = ['double " quote', "dollar $HOME", "back`tick", "back\\slash", "a|bar"]


@pytest.mark.parametrize("name", UNUSABLE_ON_THE_MAC)
@pytest.mark.parametrize("place", ["folder", "book"])
def test_names_that_cannot_work_on_the_mac(name: str, place: str) -> None:
    """Post New says so beforehand and starts nothing."""
    machine = mac(f"/Users/zoé/{name}") if place == "folder" else mac(book=f"{name}.xlsm")
    machine.click(COMMITTED)
    assert machine.of_kind("command") == []
    assert_says_plainly(machine, "The name of this workbook, or of its folder, contains", "save the workbook under")


def test_an_equals_sign_cannot_work_on_the_mac_either() -> None:
    machine = mac(book="a=b.xlsm")
    machine.click(COMMITTED)
    assert machine.of_kind("command") == []
    assert_says_plainly(machine, "an equals sign")


@pytest.mark.parametrize("name", ["dollar $HOME", "back`tick", "a|bar"])
def test_what_such_a_name_does_to_the_command_on_the_mac(name: str, home: Path) -> None:
    """The reason for refusing: through xlwings' script and the shell, Python hears another name, or nothing."""
    machine = mac(book=f"{name}.xlsm", home=home)
    machine.call(COMMITTED, "RunPython", "import xlkijiji")
    words = words_on_mac(machine, home)
    assert words is None or f"--wb={machine.book}" not in words


def test_a_blank_in_the_path_of_python_cannot_work_on_the_mac(home: Path) -> None:
    """xlwings' script doesn't quote the interpreter, so an installer must put it under a path without blanks."""
    folder = home / "Application Support"
    (folder / "Library/Containers/com.microsoft.Excel/Data").mkdir(parents=True)
    write_recorder(folder / "python")
    machine = mac(home=folder)
    machine.click(COMMITTED)
    assert words_on_mac(machine, folder) is None
