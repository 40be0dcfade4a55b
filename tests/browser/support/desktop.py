#!/usr/bin/python3
"""A desktop that shows notifications (org.freedesktop.Notifications 1.2), on the session bus of its environment.

Prints a line of JSON for each that it shows or takes away, and clicks where a line of its input tells it to."""
import json
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

INTERFACE = "org.freedesktop.Notifications"
CLOSED_BY_THE_USER, CLOSED_BY_A_CALL = 2, 3


def tell(**members):
    print(json.dumps(members), flush=True)


class Desktop(dbus.service.Object):
    def __init__(self, bus):
        self.name = dbus.service.BusName(INTERFACE, bus)
        self.last_id = 0
        super().__init__(bus, "/org/freedesktop/Notifications")

    @dbus.service.method(INTERFACE, in_signature="", out_signature="as")
    def GetCapabilities(self):
        return ["actions", "body", "persistence"]

    @dbus.service.method(INTERFACE, in_signature="", out_signature="ssss")
    def GetServerInformation(self):
        return ("desktop.py", "Pipit", "1", "1.2")

    @dbus.service.method(INTERFACE, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, _app, replaced_id, _icon, title, body, actions, _hints, _timeout_ms):
        if not replaced_id:
            self.last_id += 1
        shown_id = replaced_id or self.last_id
        keys, texts = map(str, actions[::2]), map(str, actions[1::2])
        tell(event="shown", id=shown_id, title=str(title), body=str(body), actions=dict(zip(keys, texts)))
        return shown_id

    @dbus.service.method(INTERFACE, in_signature="u", out_signature="")
    def CloseNotification(self, shown_id):
        self.NotificationClosed(shown_id, CLOSED_BY_A_CALL)
        tell(event="closed", id=shown_id)

    @dbus.service.signal(INTERFACE, signature="us")
    def ActionInvoked(self, shown_id, action):
        pass

    @dbus.service.signal(INTERFACE, signature="uu")
    def NotificationClosed(self, shown_id, reason):
        pass

    def click(self, shown_id, action):
        self.ActionInvoked(shown_id, action)
        self.NotificationClosed(shown_id, CLOSED_BY_THE_USER)
        tell(event="closed", id=shown_id)


def main():
    DBusGMainLoop(set_as_default=True)
    desktop = Desktop(dbus.SessionBus())
    loop = GLib.MainLoop()

    def read_line(stream, _condition):
        line = stream.readline()
        if not line:
            loop.quit()
            return False
        command = json.loads(line)
        desktop.click(dbus.UInt32(command["id"]), command["action"])
        return True

    GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, read_line)
    tell(event="ready")
    loop.run()


main()
