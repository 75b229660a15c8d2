# Makes the Active Directory domain of the live tests: `samba-provision.py FOLDER`, inside a user namespace, once per cache.
import sys

import ldb
import samba.provision
from samba.auth import system_session
from samba.netcmd.main import cmd_sambatool
from samba.param import LoadParm
from samba.samdb import SamDB

FOLDER = sys.argv[1]
BASE = "DC=ad,DC=itest,DC=test"
PEOPLE = "OU=People," + BASE
GROUPS = "OU=Groups," + BASE
MANY = 2000
DAY_100NS = 24 * 3600 * 10_000_000
YEAR_2001_100NS = 126_227_808_000_000_000  # since 1601, as every time in Active Directory


def provision():
    # File owners cannot be changed to unmapped ids in a user namespace, and nobody reads the shares that need them.
    samba.provision.setsysvolacl = lambda *args, **kwargs: None
    failed = cmd_sambatool()._run(
        "samba-tool", "domain", "provision", "--targetdir=" + FOLDER, "--realm=AD.ITEST.TEST", "--domain=ADITEST",
        "--server-role=dc", "--dns-backend=NONE", "--adminpass=Adm1n-Passw0rd", "--host-name=dc1", "--host-ip=127.0.0.1",
        "--option=interfaces=lo", "--option=bind interfaces only=yes",
    )
    if failed:
        sys.exit(failed)


def open_directory():
    lp = LoadParm()
    lp.load(FOLDER + "/etc/smb.conf")
    return SamDB(url=FOLDER + "/private/sam.ldb", session_info=system_session(lp), lp=lp)


def change(samdb, dn, controls=None, **attributes):
    message = ldb.Message(ldb.Dn(samdb, dn))
    for name, value in attributes.items():
        message[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
    samdb.modify(message, controls or [])


def set_policy(samdb):
    # Ten years, so that a cached domain does not expire with everybody's password in it; three failures lock for a day.
    change(samdb, BASE, pwdProperties="0", minPwdLength="1", minPwdAge="0", maxPwdAge=str(-3650 * DAY_100NS),
           lockoutThreshold="3", lockoutDuration=str(-DAY_100NS), lockOutObservationWindow=str(-DAY_100NS))


def add_person(samdb, name, cn=None, upn=None, password=None, **attributes):
    dn = ldb.Dn(samdb, PEOPLE)
    dn.add_child(ldb.Dn(samdb, "CN=x"))
    dn.set_component(0, "CN", cn or name)
    quoted = '"%s"' % (password or "pw-" + name)
    samdb.add({
        "dn": str(dn), "objectClass": "user", "sAMAccountName": name, "displayName": cn or name,
        "userPrincipalName": upn or name + "@ad.itest.test", "mail": name + "@itest.test",
        "unicodePwd": quoted.encode("utf-16-le"), "userAccountControl": "512", **attributes,
    })
    return str(dn)


def add_group(samdb, name, members, cn=None):
    dn = ldb.Dn(samdb, GROUPS)
    dn.add_child(ldb.Dn(samdb, "CN=x"))
    dn.set_component(0, "CN", cn or name)
    samdb.add({"dn": str(dn), "objectClass": "group", "sAMAccountName": name, "member": members})
    return str(dn)


def add_people(samdb):
    alice = add_person(samdb, "alice", cn="Alice Adams")
    bob = add_person(samdb, "bob", password="pä:ßwörd")
    carol = add_person(samdb, "carol", upn="carol.cole@corp.example")
    odd = add_person(samdb, "jmueller", cn="Müller, Jürgen (R\\D) 李", upn="jürgen@ad.itest.test")
    add_person(samdb, "locked")
    add_person(samdb, "disabled", userAccountControl="514")
    add_person(samdb, "expired", accountExpires=str(YEAR_2001_100NS))
    add_person(samdb, "mustchange", pwdLastSet="0")
    old = add_person(samdb, "oldpassword")
    # Only the control that password replication uses allows a time other than now.
    change(samdb, old, ["local_oid:1.3.6.1.4.1.7165.4.3.20:0"], pwdLastSet=str(YEAR_2001_100NS))
    add_person(samdb, "nohours", logonHours=bytes(21))
    add_person(samdb, "otherdesk", userWorkstations="FOO")
    return alice, bob, carol, odd


def add_everything(samdb):
    for ou in (PEOPLE, GROUPS):
        samdb.add({"dn": ou, "objectClass": "organizationalUnit"})
    alice, bob, carol, odd = add_people(samdb)
    devs = add_group(samdb, "devs", [alice, bob])
    eng = add_group(samdb, "eng", [devs, carol])
    add_group(samdb, "all", [eng])
    add_group(samdb, "rd-tokyo", [alice, odd], cn="R\\D (東京), Ops")
    many = add_person(samdb, "manygroups")
    for number in range(MANY):
        add_group(samdb, "many-%04d" % number, [many])


provision()
directory = open_directory()
set_policy(directory)
directory.transaction_start()
add_everything(directory)
directory.transaction_commit()
