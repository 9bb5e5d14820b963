Attribute VB_Name = "XlKijiji"
Option Explicit

' What the buttons of this workbook call. Python does the work: see xlkijiji/addin.py.
'
' This module has no conditional compilation, because LibreOffice Calc runs both branches of it. What differs between
' Excel for Windows, Excel for the Mac and Calc is decided while the macro runs.
'
' In place of each "tell:..." the workbook has that sentence of the catalogues, in its own language: see vba_project.py.
' What stands in brackets behind it is filled in here.

Private Const REINSTALL As String = "tell:vba-reinstall"

Public Sub PostNew()
    StartPython "from xlkijiji import addin; addin.post_new()", "tell:vba-starting", "tell:vba-not-posting"
End Sub

Public Sub PostAll()
    StartPython "from xlkijiji import addin; addin.post_all()", "tell:vba-post-all", "tell:vba-not-replacing"
End Sub

Public Sub PostSelected()
    StartPython "from xlkijiji import addin; addin.post_selected()", "tell:vba-starting", "tell:vba-not-posting"
End Sub

Public Sub SignIn()
    StartPython "from xlkijiji import addin; addin.sign_in()", "tell:vba-signing-in", "tell:vba-not-signed-in"
End Sub

Public Sub CheckSetup()
    StartPython "from xlkijiji import addin; addin.check_setup()", "tell:vba-checking-setup", "tell:vba-setup-missing"
End Sub

Public Sub CheckSheet()
    StartPython "from xlkijiji import addin; addin.check_sheet()", "tell:vba-checking-sheet", "tell:vba-not-checked"
End Sub

Public Sub StopRun()
    StartPython "from xlkijiji import addin; addin.stop_run()", "tell:vba-stopping", "tell:vba-not-stopped"
End Sub

Private Sub StartPython(ByVal command As String, ByVal greeting As String, ByVal failed As String)
    Dim reason As String
    Dim outcome As Variant

    On Error GoTo CannotStart
    ' First of all, so that a click is answered before Python, which takes a moment, has started.
    Application.StatusBar = greeting

    reason = Obstacle(HostSystem(), ThisWorkbook.FullName, ThisWorkbook.Name)
    If reason = "" Then
        outcome = RunPython(command)
        reason = Failure(HostSystem(), outcome)
    End If
    ' When all is well the status bar stays as it is: from here on it belongs to the run.
    If reason <> "" Then GiveUp failed, reason
    Exit Sub

CannotStart:
    GiveUp failed, Replace("tell:vba-no-python(error)", "{error}", Err.Description) & vbCrLf & vbCrLf & REINSTALL
End Sub

Private Sub GiveUp(ByVal failed As String, ByVal reason As String)
    On Error Resume Next
    Application.StatusBar = False
    MsgBox failed & vbCrLf & vbCrLf & reason, vbExclamation, "xlkijiji"
End Sub

' "Windows", "Mac", or "" for LibreOffice Calc, whose Application has no OperatingSystem.
Private Function HostSystem() As String
    Dim system As String
    On Error Resume Next
    system = Application.OperatingSystem
    If InStr(1, system, "Mac", vbTextCompare) > 0 Then
        HostSystem = "Mac"
    ElseIf InStr(1, system, "Windows", vbTextCompare) > 0 Then
        HostSystem = "Windows"
    End If
End Function

' What would keep RunPython from starting Python, and what to do; "" when nothing is known to. These are the cases in
' which RunPython itself starts something broken, says nothing, or speaks in words that help nobody.
Private Function Obstacle(ByVal host As String, ByVal fullName As String, ByVal bookName As String) As String
    Dim interpreter As String
    If host = "" Then Exit Function

    ' xlwings reads the name from the command line, and only up to an equals sign.
    If InStr(bookName, "=") > 0 Then Obstacle = NameSentence("tell:vba-equals-sign")

    If host = "Windows" Then
        If HasVariable(fullName) Then Obstacle = NameSentence("tell:vba-variable")
        interpreter = xlwings.GetConfig("INTERPRETER_WIN", "")
        If interpreter <> "" And interpreter <> "python" And interpreter <> "pythonw" Then
            If Not xlwings.FileExists(interpreter) Then
                Obstacle = Replace("tell:vba-python-gone(program)", "{program}", interpreter) & vbCrLf & vbCrLf & _
                           REINSTALL
            End If
        End If
    Else
        ' RunPython puts the names into a shell command between double quotes, and into a list parted by bars.
        If HasAnyOf(fullName, Chr(34) & "$`\|") Then
            Obstacle = NameSentence("tell:vba-characters")
        End If
    End If
End Function

' How RunPython failed, and what to do; "" when all seems well. On Windows it returns -1 once it has shown what Python
' wrote. On the Mac it doesn't wait, and returns nothing in any case, so there the script that it needs is looked for.
Private Function Failure(ByVal host As String, ByVal outcome As Variant) As String
    If host = "Mac" Then
        If Dir(MacScriptFile()) = "" Then
            Failure = "tell:vba-no-script" & vbCrLf & vbCrLf & REINSTALL
        End If
    ElseIf IsNumeric(outcome) Then
        If outcome <> 0 Then Failure = "tell:vba-python-error" & vbCrLf & vbCrLf & REINSTALL
    End If
End Function

Private Function MacScriptFile() As String
    Dim home As String
    home = Replace(Environ("HOME"), "/Library/Containers/com.microsoft.Excel/Data", "")
    MacScriptFile = home & "/Library/Application Scripts/com.microsoft.Excel/xlwings-" & xlwings.XLWINGS_VERSION & _
                    ".applescript"
End Function

Private Function NameSentence(ByVal what As String) As String
    NameSentence = Replace("tell:vba-bad-name(what)", "{what}", what) & vbCrLf & vbCrLf & "tell:vba-plain-name"
End Function

Private Function HasAnyOf(ByVal text As String, ByVal characters As String) As Boolean
    Dim i As Long
    For i = 1 To Len(characters)
        If InStr(text, Mid(characters, i, 1)) > 0 Then HasAnyOf = True
    Next i
End Function

' True when the Windows command line would put a variable's value in place of a part of the text, as with %TEMP%.
Private Function HasVariable(ByVal text As String) As Boolean
    Dim parts As Variant
    Dim i As Long
    parts = Split(text, "%")
    For i = 1 To UBound(parts) - 1
        If Len(parts(i)) > 0 Then
            If Len(Environ(parts(i))) > 0 Then HasVariable = True
        End If
    Next i
End Function
