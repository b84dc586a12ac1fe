/** Services that give anyone an address, and mobile carriers whose addresses are people's own. */
export const FREE_MAIL: ReadonlySet<string> = new Set(
  [
    'gmail.com googlemail.com outlook.com outlook.jp hotmail.com hotmail.co.jp hotmail.co.uk hotmail.fr hotmail.de live.com live.jp live.co.uk msn.com',
    'yahoo.com yahoo.co.jp yahoo.co.uk yahoo.fr yahoo.de yahoo.com.br yahoo.co.in yahoo.com.cn yahoo.com.tw yahoo.com.hk ymail.com ymail.ne.jp rocketmail.com',
    'icloud.com me.com mac.com aol.com aim.com proton.me protonmail.com pm.me tutanota.com tuta.io email.com fastmail.com fastmail.fm hey.com',
    'gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de mail.com mail.ru inbox.ru bk.ru list.ru yandex.com yandex.ru rambler.ru',
    'qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com naver.com daum.net hanmail.net nate.com kakao.com',
    'orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it seznam.cz wp.pl o2.pl interia.pl onet.pl rediffmail.com',
    'zoho.com zohomail.com inbox.com hushmail.com mailbox.org posteo.de posteo.net runbox.com disroot.org uol.com.br bol.com.br terra.com.br',
    'excite.co.jp goo.jp mail.goo.ne.jp infoseek.jp livedoor.com nifty.com biglobe.ne.jp ocn.ne.jp so-net.ne.jp plala.or.jp',
    'docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp vodafone.ne.jp disney.ne.jp ymobile.ne.jp y-mobile.ne.jp emnet.ne.jp rakumail.jp uqmobile.jp',
    'mailinator.com guerrillamail.com 10minutemail.com temp-mail.org yopmail.com trashmail.com sharklasers.com',
  ].flatMap((line) => line.split(' ')),
);
