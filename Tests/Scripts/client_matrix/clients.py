"""The clients, in the order of the table."""
from aioftp_client import AioFTP
from commons_net import CommonsNetPlain, CommonsNetReusing
from curl import Curl
from filezilla import FileZilla
from ftp_ssl import FtpSSL
from ftplib_clients import FtplibPlain, FtplibReusing
from lftp import Lftp
from net_ftp import NetFTP
from pycurl_client import PyCurl
from rclone import RcloneCurrent, RcloneDebian
from wget import Wget

ALL = [
    Curl, PyCurl, Lftp, Wget, FtpSSL, FileZilla, RcloneDebian, RcloneCurrent, FtplibReusing, FtplibPlain, AioFTP, NetFTP, CommonsNetReusing,
    CommonsNetPlain,
]
